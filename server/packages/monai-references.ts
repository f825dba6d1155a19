/** References of a MONAI configuration: `@key` and `@part#key` stand for what the file says there. */

const MOST_STEPS = 16;

/**
 * The document with each reference replaced by what it stands for. What Python would have to compute (`$…`) stays as it is written:
 * whoever reads it finds no value there, and says so.
 */
export const resolved = (document: unknown): unknown => replaced(document, document, 0);

function replaced(part: unknown, whole: unknown, depth: number): unknown {
  if (depth > 64) return part;
  if (typeof part === 'string') return valueOfReference(part, whole);
  if (Array.isArray(part)) return part.map((item) => replaced(item, whole, depth + 1));
  if (typeof part !== 'object' || part === null) return part;
  return Object.fromEntries(
    Object.entries(part).map(([key, value]) => [key, replaced(value, whole, depth + 1)]),
  );
}

/** Followed to a plain value; a reference to a whole object, to itself or to nothing stays. */
function valueOfReference(text: string, whole: unknown): unknown {
  let value: unknown = text;
  for (let steps = 0; steps < MOST_STEPS; steps++) {
    if (typeof value !== 'string' || !/^@[\w:#]+$/.test(value)) return isPlain(value) ? value : text;
    value = value
      .slice(1)
      .split(/::|#/)
      .reduce<unknown>(
        (at, key) => (typeof at === 'object' && at !== null ? Reflect.get(at, key) : undefined),
        whole,
      );
  }
  return text;
}

const isPlain = (value: unknown): boolean =>
  ['string', 'number', 'boolean'].includes(typeof value) ||
  (Array.isArray(value) && value.every((v) => typeof v === 'number'));
