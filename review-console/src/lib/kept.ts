/** What this browser keeps for us; in one that keeps nothing all is as if it were empty. */

export function keptJson<T>(
  key: string,
  area: 'localStorage' | 'sessionStorage' = 'localStorage',
): T | undefined {
  try {
    const text = globalThis[area].getItem(key);
    return text === null ? undefined : (JSON.parse(text) as T);
  } catch {
    return undefined;
  }
}

/** Answers whether it is kept. */
export function keep(
  key: string,
  value: unknown,
  area: 'localStorage' | 'sessionStorage' = 'localStorage',
): boolean {
  try {
    if (value === undefined) globalThis[area].removeItem(key);
    else globalThis[area].setItem(key, JSON.stringify(value));
    return true;
  } catch {
    return false;
  }
}

/** Keys that begin so. */
export function keptKeys(prefix: string): readonly string[] {
  try {
    return Object.keys(globalThis.localStorage).filter((key) => key.startsWith(prefix));
  } catch {
    return [];
  }
}
