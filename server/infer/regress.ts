import type { MeasurementFinding, Prediction, Volume } from '../contracts.ts';
import type { Model } from '../models/load.ts';
import type { RegressionSpec } from '../models/schema.ts';
import { Fault } from '../shared/fault.ts';
import { pictureFor } from './picture.ts';
import { type RunOptions, runOnnx } from './session.ts';

/** One image through a regression model: one value a target, in the package's unit. Throws MODEL_INPUT_MISMATCH. */
export async function regress(
  model: Model & { readonly spec: RegressionSpec },
  volume: Volume,
  options: RunOptions,
): Promise<Prediction> {
  const { input, output } = model.spec;
  const { image, fed, said } = pictureFor(volume, input);
  const results = await runOnnx(model.onnxPath, {
    ...options,
    feeds: { [input.tensor]: fed },
    fetches: [output.values],
  });
  const values = results[output.values]?.data ?? new Float32Array();
  return {
    model: model.identity,
    findings: output.targets.map(({ place, label, quantity, unit, plausible, error }): MeasurementFinding => {
      const value = values[place];
      if (value === undefined)
        throw new Fault('MODEL_INPUT_MISMATCH', `the model gives ${values.length} values, none at ${place}`);
      return {
        kind: 'measurement',
        label,
        value,
        quantity,
        unit,
        ...(error ? { interval: [value - error.plusMinus, value + error.plusMinus] as const } : {}),
        plausible: [plausible.low, plausible.high],
      };
    }),
    input: image,
    taps: {},
    parameters: said,
  };
}
