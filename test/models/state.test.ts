import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decisionsIn } from '../../server/models/state.ts';

describe('decisions in a file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'pellucid-decisions-'));
  const file = join(folder, 'models.json');
  afterAll(() => rmSync(folder, { recursive: true }));
  const ids = Array.from({ length: 40 }, (_, i) => `m${i}@1.0.0`);
  const disable = (id: string) =>
    decisionsIn(file).change((state) => ({ ...state, disabled: [...state.disabled, id] }));

  test('that are made at once all count, and the file is whole at each moment', async () => {
    let isOver = false;
    const reading = (async () => {
      let [looks, last] = [0, 0];
      while (!isOver) {
        const { disabled } = await decisionsIn(file).read();
        expect(disabled.length).toBeGreaterThanOrEqual(last);
        [looks, last] = [looks + 1, disabled.length];
      }
      return looks;
    })();
    await Promise.all(ids.map(disable));
    isOver = true;
    expect(await reading).toBeGreaterThan(1);
    expect((await decisionsIn(file).read()).disabled).toEqual(ids);
    expect(readdirSync(folder)).toEqual(['models.json']);
  });

  test('that cannot be written are told, and the next is made all the same', async () => {
    const refused = decisionsIn(file).change(() => {
      throw new Error('not this one');
    });
    const next = disable('last@1.0.0');
    await expect(refused).rejects.toThrow('not this one');
    await next;
    expect((await decisionsIn(file).read()).disabled.at(-1)).toBe('last@1.0.0');
  });

  test('of a file that is damaged none is guessed', async () => {
    writeFileSync(file, '{"schema":1');
    await expect(decisionsIn(file).read()).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
    await expect(disable('a@1.0.0')).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
  });
});
