/** Makes what belongs to a number once, as long as that is among the `limit` that were asked for last. */
export function kept<T>(limit: number, make: (of: number) => T): (of: number) => T {
  const made = new Map<number, T>();
  return (of) => {
    const one = made.get(of) ?? make(of);
    made.delete(of);
    made.set(of, one);
    for (const [oldest] of made) if (made.size > limit) made.delete(oldest);
    return one;
  };
}
