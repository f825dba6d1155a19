import { PGlite } from '@electric-sql/pglite';

/** An embedded PostgreSQL in a folder that answers statements over IPC: it does not load in Jest's realm. */
export interface Statement {
  readonly id: number;
  readonly text: string;
  readonly values?: readonly unknown[] | undefined;
}

export type Answered =
  | { readonly id: number; readonly rows: readonly unknown[] }
  | { readonly id: number; readonly error: string };

const pglite = await PGlite.create(process.argv[2] as string);
const say = (answer: Answered): void => void process.send?.(answer);

process.on('message', async ({ id, text, values }: Statement) => {
  try {
    say({ id, rows: (await pglite.query(text, values && [...values])).rows });
  } catch (error) {
    say({ id, error: error instanceof Error ? error.message : String(error) });
  }
});
process.on('disconnect', async () => {
  await pglite.close();
  process.exit(0);
});
say({ id: 0, rows: [] });
