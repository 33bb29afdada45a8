/** Never goes on: to whoever waits for it, the isolate is gone. */
const gone = () => new Promise<never>(() => {});

/**
 * Counts the points at which code can be stopped, around each thing that it does to the world, and stops it at one of them:
 * what it was to do next is not done, and what it waits for never comes. Nothing is thrown, which the code could catch.
 */
export class StoppingPoints {
  /** Names of the points that were passed or stopped at, in their order. */
  readonly passed: string[] = [];
  /** Resolves when the code has been stopped. */
  readonly stopped: Promise<void>;
  readonly #stopAt: number;
  readonly #forgetIds: boolean;
  #isStopped = false;
  #tellStopped: () => void = () => {};

  /** `stopAt` counts from 1. `forgetIds` gives every recorded request a new id, as if the ledger knew none again. */
  constructor(options: { readonly stopAt: number; readonly forgetIds: boolean }) {
    this.#stopAt = options.stopAt;
    this.#forgetIds = options.forgetIds;
    this.stopped = new Promise((resolve) => {
      this.#tellStopped = resolve;
    });
  }

  /** Something that is done at once. */
  act(name: string, action: () => void): void {
    if (this.#stopsAt(`before ${name}`)) return;
    action();
    this.#stopsAt(`after ${name}`);
  }

  /** Something that is waited for. */
  async run<T>(name: string, action: () => Promise<T>): Promise<T> {
    if (this.#stopsAt(`before ${name}`)) return gone();
    const result = await action();
    return this.#stopsAt(`after ${name}`) ? gone() : result;
  }

  /** A request of the database's driver by the ledger's role; others are let through. */
  async fetch(url: string, init: RequestInit): Promise<Response> {
    if (!isLedgers(init)) return fetch(url, init);
    const body: unknown = JSON.parse(String(init.body));
    return this.run('a statement', async () => {
      if (isTransaction(body) && this.#stopsAt('inside a transaction')) {
        await fetch(url, { ...init, body: JSON.stringify({ queries: [...body.queries, FAILING] }) });
        return gone();
      }
      return fetch(url, this.#forgetIds ? { ...init, body: withNewIds(String(init.body)) } : init);
    });
  }

  #stopsAt(name: string): boolean {
    if (this.#isStopped) return true;
    this.passed.push(name);
    if (this.passed.length !== this.#stopAt) return false;
    this.#isStopped = true;
    this.#tellStopped();
    return true;
  }
}

/** Takes back a transaction that had written everything. */
const FAILING = { query: 'select 1 / 0', params: [] };

function isTransaction(body: unknown): body is { readonly queries: readonly unknown[] } {
  return typeof body === 'object' && body !== null && 'queries' in body;
}

function isLedgers({ headers }: RequestInit): boolean {
  return new Headers(headers).get('neon-connection-string')?.includes('//eufm_ledger:') ?? false;
}

/** The same new id wherever a request has its own: in the list of rows and in the list of ids. */
function withNewIds(body: string): string {
  const ids = [...body.matchAll(/\{\\"id\\":\\"([0-9a-f-]{36})\\"/g)].flatMap(([, id]) => id ?? []);
  return ids.reduce((text, id) => text.replaceAll(id, crypto.randomUUID()), body);
}
