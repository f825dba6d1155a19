import { writeFileSync } from 'node:fs';
import { type Outcome, type Reading, readImages } from './kit.ts';
import expected from './pixels.json' with { type: 'json' };

/**
 * `node kit-table.ts FOLDER [PAGE]`: prints as JSON what the product makes of the kit's images, and writes the page of it.
 */
const [, , root = '.', page] = process.argv;
const reading = await readImages(root);
if (page) writeFileSync(page, pageOf(reading));
process.stdout.write(JSON.stringify(reading));

function pageOf({ outcomes }: Reading): string {
  const verdicts = outcomes.map((o) => ({ ...o, verdict: verdictOf(o) }));
  const count = (of: (o: (typeof verdicts)[number]) => boolean): number => verdicts.filter(of).length;
  return `# Images of the test kit

Made by \`node test/oracle/kit-table.ts\`; a test holds it true. Each file is read as a series of its own, ${outcomes.length} in all:

- ${count((o) => o.verdict === 'equal')} decode to the same pixels, bit for bit, as another reader gives (\`test/oracle/pixels.py\`): "equal".
- ${count((o) => o.verdict === 'read')} are read here and by no other reader that was tried: "read".
- ${count((o) => o.verdict === 'other')} decode to other pixels.
- ${count((o) => o.pixels === undefined)} are refused before their pixels are read. The other readers refuse them too, but for ${count((o) => o.pixels === undefined && 'sha256' in otherOf(o.file))}, or find no image in them.
- ${count((o) => o.fault === undefined)} become a Volume; ${count((o) => o.pixels !== undefined && o.fault !== undefined)} have good pixels and are refused as a series, with the reason given.
- ${count((o) => o.fault === 'DIED' || o.fault === 'HUNG' || o.fault === 'INTERNAL')} end the process, hang, or fail without a named fault.

| file | pixels | as a series |
|---|---|---|
${verdicts.map((o) => `| ${o.file} | ${o.verdict} | ${o.fault ? `${o.fault}: ${cell(o.detail ?? '')}` : 'Volume'} |`).join('\n')}
`;
}

function verdictOf({ file, pixels }: Outcome): 'equal' | 'other' | 'read' | '–' {
  const other = otherOf(file);
  if (!pixels) return '–';
  if (!('sha256' in other)) return 'read';
  return other.sha256 === pixels.sha256 ? 'equal' : 'other';
}

function otherOf(file: string): object & { readonly sha256?: string } {
  return (expected as Readonly<Record<string, { readonly sha256?: string }>>)[file] ?? {};
}

function cell(text: string): string {
  return text.replaceAll('|', '/').replace(/\s+/g, ' ').trim();
}
