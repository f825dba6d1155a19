import { keyFrames } from '../../server/encode/key-frames.ts';
import { brainCase } from './fixtures.ts';

test('a segment without a region is shown where most of it is; of equals the first; one that is not there nowhere', () => {
  const labels = [
    [1, 2, 0, 0], // frame by frame
    [1, 1, 0, 2],
    [1, 1, 2, 0],
    [3, 0, 0, 0],
  ].flat();
  const { prediction, explanation } = brainCase({
    shape: [4, 2, 2],
    segments: 4,
    labels: Uint8Array.from(labels),
  });
  const findings = explanation.findings.map((f) => ({ ...f, regions: [] }));
  expect(keyFrames(prediction, { ...explanation, findings }, 4)).toEqual([[1], [0], [3], []]);
});
