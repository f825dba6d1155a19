import { html } from '../../server/operations/html.ts';
import { duration, short } from '../../server/operations/words.ts';

test.each([
  [0.0123, '12 ms'],
  [0.9996, '1000 ms'],
  [1.25, '1.3 s'],
  [9.94, '9.9 s'],
  [61, '61 s'],
  [125, '2 min'],
  [7_200, '2 h'],
  [172_800, '2 days'],
])('%d s is %s', (seconds, words) => {
  expect(duration(seconds)).toBe(words);
});

test('a long name is told by its end', () => {
  expect([short('1.2.3'), short('2.25.123456789012345')]).toEqual(['1.2.3', '…456789012345']);
});

test('what is put into HTML stays text, and HTML stays HTML', () => {
  const inner = html`<b>${'a & b'}</b>`;
  expect(html`<p title="${'"><script>'}">${inner}${[inner, inner]}${undefined}${3}</p>`.text).toBe(
    '<p title="&quot;&gt;&lt;script&gt;"><b>a &amp; b</b><b>a &amp; b</b><b>a &amp; b</b>3</p>',
  );
});
