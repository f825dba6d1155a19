import type { Element } from '../explanation.ts';

export const given = (sentence: string, method: string): Element => ({ state: 'given', sentence, method });

/** The reason reads on after "Absent because". */
export const absent = (reason: string): Element => ({ state: 'absent', reason });
