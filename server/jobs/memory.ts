/**
 * Memory of one process, shared among the jobs at work: `reserve` resolves when so much is free, in the order of asking, and answers how
 * to give it back. What is more than all there is waits until nothing else is at work. MiB.
 */
export function memoryBudget(totalMb: number): { reserve(mb: number): Promise<() => void> } {
  let free = totalMb;
  const waiting: { readonly mb: number; readonly go: () => void }[] = [];
  const settle = (): void => {
    for (let next = waiting[0]; next && free >= next.mb; next = waiting[0]) {
      waiting.shift();
      free -= next.mb;
      next.go();
    }
  };
  return {
    async reserve(wanted) {
      const mb = Math.min(wanted, totalMb);
      await new Promise<void>((go) => {
        waiting.push({ mb, go });
        settle();
      });
      let given = false;
      return () => {
        if (given) return;
        given = true;
        free += mb;
        settle();
      };
    },
  };
}
