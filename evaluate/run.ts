/** `npm run evaluate <name>`: measures again what the pages say. */
const name = process.argv[2] ?? '';
const KNOWN = ['chest-explanations', 'chest-figures', 'chest-checks', 'chest-place', 'head-structures'];
if (!KNOWN.includes(name)) {
  console.error(`Say which: ${KNOWN.join(', ')}`);
  process.exit(1);
}
await import(`./${name}.ts`);
