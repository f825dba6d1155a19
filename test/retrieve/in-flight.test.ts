import fc from 'fast-check';
import { InFlight } from '../../server/retrieve/in-flight.ts';

interface Work {
  readonly promise: Promise<void>;
  end(error?: Error): void;
}

function work(): Work {
  let end: Work['end'] = () => undefined;
  const promise = new Promise<void>((resolve, reject) => {
    end = (error) => (error ? reject(error) : resolve());
  });
  return { promise, end };
}

const settled = async (promise: Promise<void>): Promise<boolean> => {
  let yes = false;
  void promise.then(() => {
    yes = true;
  });
  await new Promise(setImmediate);
  return yes;
};

test('there is room again when the oldest is done', async () => {
  const inFlight = new InFlight(2);
  const [a, b] = [work(), work()];
  await inFlight.add(a.promise);
  const room = inFlight.add(b.promise);
  expect(await settled(room)).toBe(false);
  a.end();
  expect(await settled(room)).toBe(true);
  const all = inFlight.done();
  expect(await settled(all)).toBe(false);
  b.end();
  expect(await settled(all)).toBe(true);
});

test('a failure waits for its turn: nothing is unhandled before', async () => {
  const inFlight = new InFlight(3);
  const failing = work();
  await inFlight.add(failing.promise);
  failing.end(new Error('its turn'));
  await new Promise(setImmediate);
  await expect(inFlight.done()).rejects.toThrow('its turn');
});

test('of several failures the first begun is thrown, whenever each happens', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.shuffledSubarray([0, 1, 2, 3, 4, 5], { minLength: 6 }),
      fc.uniqueArray(fc.nat(5), { minLength: 1 }),
      fc.integer({ min: 1, max: 8 }),
      async (order, failing, limit) => {
        const works = Array.from({ length: 6 }, work);
        // Here some fail before they have been added.
        for (const { promise } of works) promise.catch(() => undefined);
        const inFlight = new InFlight(limit);
        const all = (async () => {
          for (const { promise } of works) await inFlight.add(promise);
          await inFlight.done();
        })();
        for (const k of order) works[k]?.end(failing.includes(k) ? new Error(`${k}`) : undefined);
        await expect(all).rejects.toThrow(`${Math.min(...failing)}`);
      },
    ),
    { seed: 5, numRuns: 100 },
  );
});
