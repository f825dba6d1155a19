import { readFileSync, writeFileSync } from 'node:fs';
import { parse } from 'yaml';
import { type Dice, ofHeldOut, ofTaught } from './head-dice.ts';
import { writeBetween } from './page.ts';

/**
 * How far the head model agrees with the two networks that taught it, on whose label maps (of the kit) no weight was fitted for the
 * first head. `npm run evaluate head-structures` keeps the figures in head-structures.json and writes the table of the model's card.
 */
const PACKAGE = 'models/head-mr-structures';
const MEASURED = 'evaluate/head-structures.json';
const HELD_OUT = 't1_crop';

export interface HeadFigures {
  readonly onnx: string;
  /** Head, pair of label maps, label. */
  readonly dice: Readonly<Record<string, Readonly<Record<string, Dice>>>>;
}

const dice = {
  [HELD_OUT]: await ofHeldOut(HELD_OUT),
  datalad_t1: await ofTaught('datalad_t1_every2nd', 'datalad_t1'),
  vs_seg_001: await ofTaught('vs_seg_001', 'vs_seg_001'),
};
const { onnx } = parse(readFileSync(`${PACKAGE}/model.yaml`, 'utf8')) as { onnx: { sha256: string } };
const measured: HeadFigures = { onnx: onnx.sha256, dice };
writeFileSync(MEASURED, `${JSON.stringify(measured, null, 1)}\n`);
writeBetween(`${PACKAGE}/card.md`, 'figures', table(measured));

function table({ dice }: HeadFigures): string {
  const rows = Object.entries(dice).flatMap(([head, pairs]) =>
    Object.entries(pairs).map(([pair, values]) => {
      const each = Object.values(values);
      const mean = each.reduce((sum, v) => sum + v, 0) / each.length;
      const shown = [...each, mean].map((v) => v.toFixed(3));
      return `| ${head === HELD_OUT ? 'held out' : `trained on: ${head}`}, ${pair} | ${shown.join(' | ')} |`;
    }),
  );
  const names = Object.keys(dice[HELD_OUT]?.['with the first teacher'] ?? {}).map((label) =>
    label.toLowerCase(),
  );
  return `| Dice | ${names.join(' | ')} | mean |
|---|${'---|'.repeat(names.length + 1)}
${rows.join('\n')}
`;
}
