import { topology } from '../helpers/topology.ts';

jest.setTimeout(600_000);

/** A little of what test/jobs/topology.run.ts does by hand; each process is killed at least once. */
test.each([
  ['PostgreSQL, an Orthanc, a server that listens and two that work', 15, 5, 2],
  ['one server on its embedded database, and an Orthanc', 10, 4, 0],
])(
  '%s: whatever is killed, every study has one result, and none is lost or doubled',
  async (_, studies, kills, workers) => {
    const { done, failed, lost, doubled } = await topology({ studies, kills, workers, seed: 11 });
    expect({ done, failed, lost, doubled }).toEqual({ done: studies, failed: [], lost: 0, doubled: 0 });
  },
);
