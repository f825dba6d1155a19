import type { z } from 'zod';

/** A key of model.yaml, with what editors and docs/model-reference.md say of it, and an example of its value. */
export const key = <T extends z.ZodType>(description: string, example: unknown, type: T): T =>
  type.meta({ description, examples: [example] });

/** What is meant where a key is left out: a value of it, or something in words. */
type Otherwise = { readonly otherwise: unknown } | { readonly leftOut: string };

/** A key that may be left out. */
export const optional = <T extends z.ZodType>(
  description: string,
  example: unknown,
  { type, ...without }: { readonly type: T } & Otherwise,
): z.ZodExactOptional<T> =>
  type.exactOptional().meta({
    description: 'leftOut' in without ? `${description} Left out: ${without.leftOut}.` : description,
    examples: [example],
    ...('otherwise' in without ? { default: without.otherwise } : {}),
  });
