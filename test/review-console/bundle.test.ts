import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';

const ROOT = resolve('review-console');
const assets = join(ROOT, 'dist', 'assets');

test('script and style are at most 150 kB gzipped', () => {
  const files = readdirSync(assets).filter((name) => /\.(js|css)$/.test(name));
  const bytes = files.map((name) => gzipSync(readFileSync(join(assets, name))).length);
  expect(bytes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(150_000);
});

test('the page has no script and no style of its own, so that the strictest policy lets it run', () => {
  const html = readFileSync(join(ROOT, 'dist', 'index.html'), 'utf8');
  expect(html).not.toMatch(/<script(?![^>]*\bsrc=)|<style|\son\w+=/);
});

const sources = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((name) => /\.tsx?$/.test(name))
  .map((name) => join('review-console', 'src', name));

/** Of the server nothing but the colours of values is in the bundle: of the contract the console knows the types alone. */
test.each(sources)('%s imports of the server types of the contract, and colours', (file) => {
  const imports = [
    ...readFileSync(file, 'utf8').matchAll(/^import (type )?[^;]*?from '([^']*\/server\/[^']*)';/gms),
  ].filter(([, , path]) => !path?.endsWith('/server/shared/colour-map.ts'));
  for (const [, isType, path] of imports) {
    expect(path).toContain('/server/review/contract/');
    expect(isType).toBe('type ');
  }
});
