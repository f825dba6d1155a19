import { memoryBudget } from '../../server/jobs/memory.ts';

/** Everything that is due runs. */
const settled = () => new Promise((done) => setImmediate(done));

test('what fits goes at once; what does not waits until enough is given back, in the order of asking', async () => {
  const { reserve } = memoryBudget(100);
  const order: string[] = [];
  const take = async (name: string, mb: number) => {
    const back = await reserve(mb);
    order.push(name);
    return back;
  };
  const first = await take('first', 60);
  const large = take('large', 50);
  // It would fit, and comes after the large one all the same: else that one might never begin.
  const small = take('small', 30);
  await settled();
  expect(order).toEqual(['first']);
  first();
  await settled();
  expect(order).toEqual(['first', 'large', 'small']);
  (await large)();
  (await small)();
});

test('what wants more than there is gets all of it, alone', async () => {
  const { reserve } = memoryBudget(100);
  const all = await reserve(500);
  let began = false;
  const next = reserve(1).then(() => {
    began = true;
  });
  await settled();
  expect(began).toBe(false);
  all();
  // Given back twice is given back once.
  all();
  await next;
  const rest = await reserve(99);
  rest();
});
