import { z } from 'zod';
import { idFrom } from './id-from.ts';
import type { Imported } from './import.ts';

/**
 * A model of TorchXRayVision. It has no file of its own that describes an export, so docs/importing.md says how its facts are written
 * down: the names of its outputs and the operating points of its weights.
 */
const Facts = z.strictObject({
  weights: z.string(),
  pathologies: z.array(z.string()),
  /** Null where the library has none. */
  op_threshs: z.array(z.number().min(0).max(1).nullable()).optional(),
});

export function fromTorchXRayVision(facts: unknown): Imported {
  const { weights, pathologies, op_threshs } = Facts.parse(facts);
  const targets = pathologies.flatMap((name, place): (readonly [string, string])[] => {
    const threshold = op_threshs?.[place];
    return [
      [`label${place}`, name === '' ? 'none' : name.replaceAll('_', ' ')],
      ...(name === '' || typeof threshold !== 'number'
        ? []
        : [[`threshold${place}`, String(threshold)] as const]),
    ];
  });
  return {
    notes: [
      'the library crops the middle square of an image; here the whole image is read, of any shape',
      'the library reads from 0 to the most that the stored bits can hold, whatever the window of the header is; where they are the same, answer exact as window',
    ],
    answers: {
      id: idFrom(weights),
      name: `TorchXRayVision ${weights}`.slice(0, 40),
      modality: 'CR,DX',
      bodyPart: 'CHEST',
      // The library spreads grey from 0..1 over −1024..1024.
      mean: '0.5',
      std: String(1 / 2048),
      activation: 'Sigmoid',
      ...Object.fromEntries(targets),
    },
  };
}
