import { Connections } from '../../durable-objects/event-hub/connections.ts';
import type { EventPage, Reader } from '../../shared/contracts/events.ts';

interface SentMessage {
  readonly type: string;
  readonly reason?: string;
  readonly ackAfter?: number;
  readonly events?: readonly { readonly sequence: number }[];
}

const READER: Reader = {
  ...{ v: 1, actor: { kind: 'user', userId: crypto.randomUUID() }, via: 'direct', filters: { default: {} } },
  ...{ within: null, cursor: null, follows: true, until: 10_000_000 },
};

/** Messages that were read before: most sockets are sent the same. */
const READ = new Map<string, SentMessage>();

/** A socket that keeps what it was sent, and is as forgetful as a hub that sleeps. */
export class PlayedSocket {
  readonly sent: SentMessage[] = [];
  code: number | null = null;
  attachment: unknown = null;

  get sequences(): number[] {
    return this.sent.flatMap(({ events = [] }) => events.map(({ sequence }) => sequence));
  }

  send(text: string): void {
    if (this.code !== null) throw new Error('the socket is closed');
    const message = READ.get(text) ?? (JSON.parse(text) as SentMessage); // as a hub writes it
    READ.set(text, message);
    this.sent.push(message);
  }

  close(code: number): void {
    this.code = code;
  }

  serializeAttachment(value: unknown): void {
    this.attachment = structuredClone(value);
  }

  deserializeAttachment(): unknown {
    return this.attachment;
  }
}

/** As far as a hub uses it. */
const asSocket = (socket: PlayedSocket) => socket as unknown as WebSocket;

/** The readers of a hub whose window, clock and pauses are the test's. */
export class PlayedReaders {
  now = 1_000;
  /** When sockets last sent the ping that is answered without the hub. */
  readonly pings = new Map<PlayedSocket, number>();
  readonly sockets: PlayedSocket[] = [];
  readonly #log: string[] = [];
  readonly #read: (log: readonly string[], after: number) => EventPage;
  #pauses: (() => void)[] = [];
  #hub = this.#begin([]);

  constructor(read: (log: readonly string[], after: number) => EventPage = readPage) {
    this.#read = read;
  }

  get hub(): Connections {
    return this.#hub;
  }

  /** Messages that were sent, to all. */
  get messages(): number {
    return this.sockets.reduce((sum, { sent }) => sum + sent.length, 0);
  }

  add(more: Partial<Reader> = {}): PlayedSocket {
    const socket = new PlayedSocket();
    this.sockets.push(socket);
    this.hub.add(asSocket(socket), { ...READER, ...more });
    return socket;
  }

  hear(socket: PlayedSocket, message: object): void {
    this.hub.hear(asSocket(socket), JSON.stringify(message));
  }

  /** Tells of events, which get their places here. */
  push(events: readonly object[]): void {
    const texts = events.map((event, at) => JSON.stringify({ sequence: this.#log.length + 1 + at, ...event }));
    this.#log.push(...texts);
    this.hub.push(texts);
  }

  /** Lets what pauses go on: false when nothing does. */
  async goOn(): Promise<boolean> {
    const paused = this.#pauses;
    this.#pauses = [];
    for (const resolve of paused) resolve();
    await new Promise(setImmediate); // so that all that can run does
    return paused.length > 0;
  }

  async goOnToTheEnd(): Promise<void> {
    while (await this.goOn());
  }

  /** The hub sleeps and wakes: what it has in memory is gone. */
  sleep(): void {
    this.#hub = this.#begin(this.sockets.filter(({ code }) => code === null).map(asSocket));
  }

  #begin(known: readonly WebSocket[]): Connections {
    return new Connections(this.#log.length, {
      sockets: () => [...known],
      read: async (after) => this.#read(this.#log, after),
      pingedAt: (socket) => {
        const at = this.pings.get(socket as unknown as PlayedSocket); // it is one of them
        return at === undefined ? null : new Date(at);
      },
      now: () => this.now,
      wait: () => new Promise<void>((resolve) => this.#pauses.push(resolve)),
      onWaited: () => {},
      onFailure: (error) => {
        throw error;
      },
    });
  }
}

const PAGE_EVENTS = 7;

/** What a window that keeps everything has after a place. */
export function readPage(log: readonly string[], after: number): EventPage {
  return { events: log.slice(after, after + PAGE_EVENTS), first: after + 1, last: log.length };
}
