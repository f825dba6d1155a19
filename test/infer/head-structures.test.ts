import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { HeadFigures } from '../../evaluate/head-structures.ts';
import { describeWithKit } from '../helpers/kit.ts';

jest.setTimeout(300_000);

describeWithKit('the head model of the box', () => {
  // In a process of its own, as the server runs it.
  test('on the head held out of training: the Dice of its card with the label maps of the kit', () => {
    const measure = `import('./evaluate/head-dice.ts')
      .then(({ heldOut }) => heldOut('t1_crop'))
      .then(({ dice }) => console.log(JSON.stringify(dice)))`;
    const dice = JSON.parse(execFileSync('node', ['-e', measure], { encoding: 'utf8' }));
    const card = JSON.parse(readFileSync('evaluate/head-structures.json', 'utf8')) as HeadFigures;
    for (const [pair, values] of Object.entries(card.dice.t1_crop ?? {}))
      for (const [label, value] of Object.entries(values)) expect(dice[pair][label]).toBeCloseTo(value, 2);
    expect(Object.keys(dice)).toHaveLength(3);
  });
});
