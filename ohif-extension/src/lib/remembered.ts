/** What this browser keeps for its reader; a browser may keep nothing for us, or be told not to. */
export function recall(name: string): string | null {
  try {
    return globalThis.localStorage.getItem(name);
  } catch {
    return null;
  }
}

export function remember(name: string, value: string): void {
  try {
    globalThis.localStorage.setItem(name, value);
  } catch {
    // It holds until the page is left.
  }
}
