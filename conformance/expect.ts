import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ObjectKind } from '../server/contracts.ts';
import { CODES } from '../server/dicom/code.ts';
import { isPresent } from '../server/encode/key-frames.ts';
import { trackingUid } from '../server/encode/tracking.ts';
import type { ExplanationMap } from '../server/explanation.ts';
import type { Case } from '../test/encode/fixtures.ts';

interface Subject {
  readonly results: Case;
  readonly kind: ObjectKind;
  /** Of several objects of this kind, from 0. */
  readonly index: number;
  readonly folder: string;
  readonly name: string;
}

/** What check.py must find in an object: pixels by source frame in a file beside, and the measurements of a report. */
export function expectationOf(subject: Subject): unknown {
  const { results, kind, index } = subject;
  if (kind === 'SR') return { findings: findingsOf(results) };
  if ((kind === 'SEG' || kind === 'LABELMAP') && results.prediction.labelMap)
    return pixels(subject, results.prediction.labelMap);
  const map = results.explanation.maps[index];
  return kind === 'PM' && map && isOnSourceGrid(map, results) ? pixels(subject, map) : null;
}

const DTYPES = new Map<string, string>([
  ['Uint8Array', 'u1'],
  ['Uint16Array', '<u2'],
  ['Float32Array', '<f4'],
]);

function pixels(
  { results, folder, name }: Subject,
  { data, shape }: Pick<ExplanationMap, 'shape'> & { readonly data: Uint8Array | Uint16Array | Float32Array },
) {
  const values = `${name}.bin`;
  writeFileSync(join(folder, values), data);
  const sources = results.volume.frames.map((f) => [f.SOPInstanceUID, f.frameNumber ?? 0]);
  return { values, dtype: DTYPES.get(data.constructor.name), shape, sources };
}

/** A coarser map is resampled: its values are other ones. */
const isOnSourceGrid = (map: ExplanationMap, { volume }: Case): boolean =>
  map.shape.join() === volume.shape.join();

/** By tracking identifier: its UID, the type when present, the site with its side, and the numbers in their order. */
function findingsOf({ prediction, explanation, volume }: Case): Record<string, unknown> {
  return Object.fromEntries(
    prediction.findings.map((finding, i) => {
      const { label, type, site, laterality } = finding.label;
      const own =
        finding.kind === 'segment'
          ? [[CODES.volume.value, finding.volumeMm3, 'mm3']]
          : finding.kind === 'classification'
            ? [
                [CODES.score.value, finding.score, '1'],
                [CODES.threshold.value, finding.threshold, '1'],
              ]
            : [[finding.quantity.value, finding.value, finding.unit.value]];
      const measures = explanation.findings[i]?.measures ?? [];
      return [
        label,
        {
          uid: trackingUid({ volume, model: prediction.model } as Parameters<typeof trackingUid>[0], label),
          type: isPresent(finding) ? type.value : null,
          sites: site ? [[site.value, laterality?.value ?? null]] : [],
          numbers: [...own, ...measures.map((m) => [null, m.value, m.unit.value])],
        },
      ];
    }),
  );
}
