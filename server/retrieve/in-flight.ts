/**
 * Work that is under way, at most `limit` pieces of it. What fails is thrown in the order in which the work was begun, so that
 * the same input always fails alike.
 */
export class InFlight {
  readonly #limit: number;
  readonly #begun: Promise<void>[] = [];

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Resolves when there is room for another. */
  async add(work: Promise<void>): Promise<void> {
    // Its failure is thrown when its turn comes; until then nobody else may complain.
    work.catch(() => undefined);
    this.#begun.push(work);
    if (this.#begun.length >= this.#limit) await this.#begun.shift();
  }

  /** Resolves when all is done. */
  async done(): Promise<void> {
    for (let next = this.#begun.shift(); next; next = this.#begun.shift()) await next;
  }
}
