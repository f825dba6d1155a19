import type { Config } from '../config.ts';

/** What was looked at and how it is; of what is not well, what to do. */
export interface Finding {
  readonly name: string;
  /** `warning`: it works, and something is worth knowing. */
  readonly state: 'ok' | 'warning' | 'failed';
  readonly says: string;
  readonly action?: string;
}

/** One look, without its name; what it throws is told as a Fault is. */
export type Check = (config: Config) => Promise<Found>;
export type Found = Omit<Finding, 'name'>;

export const ok = (says: string) => ({ state: 'ok', says }) as const;
export const warning = (says: string, action: string) => ({ state: 'warning', says, action }) as const;
export const failed = (says: string, action: string) => ({ state: 'failed', says, action }) as const;
