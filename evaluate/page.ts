import { readFileSync, writeFileSync } from 'node:fs';

/** Puts `text` between `<!-- name -->` and `<!-- name end -->` of a page; throws where they are missing. */
export function writeBetween(file: string, name: string, text: string): void {
  const [begin, end] = [`<!-- ${name} -->\n`, `<!-- ${name} end -->`];
  const page = readFileSync(file, 'utf8');
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`${file} has no place for ${name}`);
  writeFileSync(file, `${page.slice(0, from)}${begin}${text}${page.slice(to)}`);
}
