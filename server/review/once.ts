/** So many are remembered; who asks again does so within minutes. */
const REMEMBERED = 1_000;

interface Tried<T> {
  /** Of the first try, so that what is made anew is the same. */
  readonly at: Date;
  answer?: Promise<T>;
}

/**
 * What has a key is done once: who asks again with it, meanwhile or later, gets the same answer. What failed is done again, as of the moment of its
 * first try: what that has written already is then not written a second time. Held in memory: a server that was started anew has forgotten it.
 */
export function openOnce<T>(): (key: string | undefined, act: (at: Date) => Promise<T>) => Promise<T> {
  const tried = new Map<string, Tried<T>>();
  return (key, act) => {
    if (key === undefined) return act(new Date());
    const one = tried.get(key) ?? { at: new Date() };
    tried.set(key, one);
    for (const [oldest] of tried) if (tried.size > REMEMBERED) tried.delete(oldest);
    one.answer ??= act(one.at).catch((error: unknown) => {
      delete one.answer;
      throw error;
    });
    return one.answer;
  };
}
