/** What is asked of a database by those who do not open it: one statement with `$1` parameters, and several that hold together. */
export interface Sql {
  query(text: string, values?: readonly unknown[]): Promise<readonly unknown[]>;
  /** Commits when `work` resolves; nothing of it stays when it throws. */
  transaction<R>(work: (sql: Sql) => Promise<R>): Promise<R>;
}
