/** A browser has six connections to a server, and the reader's images come by them. */
const AT_ONCE = 2;

/** All answers, in the order of the questions; asked two at a time, so that what nobody waits for keeps nobody waiting. The first that fails ends it. */
export async function fewAtOnce<Q, A>(
  questions: readonly Q[],
  ask: (question: Q) => Promise<A>,
): Promise<A[]> {
  const answers = new Array<A>(questions.length);
  const left = questions.entries();
  let isOver = false;
  const goOn = async (): Promise<void> => {
    for (const [at, question] of left) {
      if (isOver) return;
      answers[at] = await ask(question);
    }
  };
  try {
    await Promise.all(Array.from({ length: AT_ONCE }, goOn));
  } finally {
    isOver = true;
  }
  return answers;
}
