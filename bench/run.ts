import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** `npm run bench [name…]`: each file beside this one is a bench; all run without names. Ratios within one run are what counts. */
const folder = fileURLToPath(new URL('.', import.meta.url));
const known = readdirSync(folder)
  .filter((file) => file.endsWith('.ts') && file !== 'run.ts')
  .map((file) => file.replace('.ts', ''));
const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !known.includes(name));
if (unknown.length) {
  console.error(`No such bench: ${unknown.join(', ')}. There are: ${known.join(', ')}`);
  process.exit(1);
}
for (const name of wanted.length ? wanted : known) {
  console.log(`\n# ${name}`);
  await import(`./${name}.ts`);
}
