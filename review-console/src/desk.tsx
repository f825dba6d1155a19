import { createContext, useContext } from 'react';
import type { Go } from './hooks/use-route.ts';
import type { Session } from './lib/api.ts';
import type { Entry, Outcome } from './lib/outbox.ts';

/** What every page can reach. */
export interface Desk {
  readonly session: Session;
  readonly go: Go;
  /** Signatures that the server has not confirmed. */
  readonly waiting: number;
  readonly send: (entry: Omit<Entry, 'signer'>) => Promise<Outcome>;
  /** Tells the reader something for a while. */
  readonly say: (words: string) => void;
  readonly said: string | undefined;
}

const Context = createContext<Desk | undefined>(undefined);
export const DeskProvider = Context.Provider;

export function useDesk(): Desk {
  const desk = useContext(Context);
  if (!desk) throw new Error('no desk');
  return desk;
}
