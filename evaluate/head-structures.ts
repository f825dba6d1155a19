import { readFileSync, writeFileSync } from 'node:fs';
import { parse } from 'yaml';
import { type Dice, type Head, heldOut, taught, taughtByFile } from './head-dice.ts';
import { writeBetween } from './page.ts';

/**
 * How far the head model agrees with the two networks that taught it, on whose label maps (of the kit) no weight was fitted for the
 * first head; and what volumes it gives, from which the package says what is plausible. `npm run evaluate head-structures` keeps the
 * figures in head-structures.json and writes the tables of the model's card.
 */
const PACKAGE = 'models/head-mr-structures';
const MEASURED = 'evaluate/head-structures.json';
const HELD_OUT = 't1_crop';

export interface HeadFigures {
  readonly onnx: string;
  /** Head, pair of label maps, label. */
  readonly dice: Readonly<Record<string, Readonly<Record<string, Dice>>>>;
  /** Head, label; ml. The first is held out. */
  readonly volumes: Readonly<Record<string, Head['volumes']>>;
}

const heads: Readonly<Record<string, Head>> = {
  [HELD_OUT]: await heldOut(HELD_OUT),
  datalad_t1: await taught('datalad_t1_every2nd', 'datalad_t1'),
  vs_seg_001: await taught('vs_seg_001', 'vs_seg_001'),
  ch2: await taughtByFile('/usr/share/mricron/templates/ch2.nii.gz'),
};
const { onnx } = parse(readFileSync(`${PACKAGE}/model.yaml`, 'utf8')) as { onnx: { sha256: string } };
const each = <T>(of: (head: Head) => T): Record<string, T> =>
  Object.fromEntries(Object.entries(heads).map(([name, head]) => [name, of(head)]));
const measured: HeadFigures = {
  onnx: onnx.sha256,
  dice: each(({ dice }) => dice),
  volumes: each(({ volumes }) => volumes),
};
writeFileSync(MEASURED, `${JSON.stringify(measured, null, 1)}\n`);
writeBetween(`${PACKAGE}/card.md`, 'figures', diceTable(measured));
writeBetween(`${PACKAGE}/card.md`, 'volumes', volumeTable(measured));

function diceTable({ dice }: HeadFigures): string {
  const rows = Object.entries(dice).flatMap(([head, pairs]) =>
    Object.entries(pairs).map(([pair, values]) => {
      const each = Object.values(values);
      const mean = each.reduce((sum, v) => sum + v, 0) / each.length;
      const shown = [...each, mean].map((v) => v.toFixed(3));
      return `| ${whose(head)}, ${pair} | ${shown.join(' | ')} |`;
    }),
  );
  return `${headed('Dice', [...lower(dice[HELD_OUT]?.['with the first teacher']), 'mean'])}\n${rows.join('\n')}\n`;
}

function volumeTable({ volumes }: HeadFigures): string {
  const rows = Object.entries(volumes).map(
    ([head, values]) =>
      `| ${whose(head)} | ${Object.values(values)
        .map((v) => v.toFixed(1))
        .join(' | ')} |`,
  );
  return `${headed('ml', lower(volumes[HELD_OUT]))}\n${rows.join('\n')}\n`;
}

function lower(of: Readonly<Record<string, number>> = {}): readonly string[] {
  return Object.keys(of).map((label) => label.toLowerCase());
}

function headed(first: string, names: readonly string[]): string {
  return `| ${[first, ...names].join(' | ')} |\n|${'---|'.repeat(names.length + 1)}`;
}

function whose(head: string): string {
  return head === HELD_OUT ? 'held out' : `trained on: ${head}`;
}
