import { z } from 'zod';

/** What a person writes, at most so long. Without control characters but line breaks and tabs: neither a database nor a report takes them. */
export const words = (most: number) =>
  z
    .string()
    .trim()
    .max(most)
    .regex(/^[^\p{Cs}\p{Cc}]*(?:[\n\r\t][^\p{Cs}\p{Cc}]*)*$/u, 'has characters that no text has');
