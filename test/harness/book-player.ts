import type { Slice, Statement, SyncCommand, SyncReply } from '../../shared/contracts/rpc.ts';
import type { TenantSnapshot } from '../../shared/contracts/tenant-snapshot.ts';
import { AdmissionBook } from '../../shared/domain/admission/admission-book.ts';
import { requestIdOf } from '../../shared/domain/admission/request-ids.ts';
import { holdOf } from './admission-tenant.ts';
import { recordText, WORLD_START } from './admission-world.ts';
import { MemoryBookStore } from './memory-book-store.ts';

export interface Held {
  readonly requestId: string;
  readonly leaseId: string;
  readonly picoUsd: bigint;
  readonly draws: readonly Slice[];
}

/** A lease's name by its number. */
export function leaseIdOf(number: number): string {
  return `${number.toString(16).padStart(8, '0')}-0000-7000-8000-000000000000`;
}

/** Plays isolates by hand towards a book over a store in memory. */
export class BookPlayer {
  readonly store = new MemoryBookStore();
  now = WORLD_START;
  snapshot: TenantSnapshot;
  book: AdmissionBook;
  readonly #sequences = new Map<string, number>();
  #index = 0;
  #ids = 0;

  constructor(snapshot: TenantSnapshot) {
    this.snapshot = snapshot;
    this.book = this.#read();
  }

  rebuild(): void {
    this.book = this.#read();
  }

  hold(picoUsd: bigint, leaseId = leaseIdOf(1), requestId = requestIdOf(leaseId, this.#index++), change = {}) {
    const hold = holdOf(requestId, picoUsd, change);
    const request = { leaseId, hold, knownConfigVersion: this.snapshot.configVersion };
    const { decision } = this.store.transaction(() => this.book.hold(this.snapshot, request, this.now));
    const held: Held | null =
      decision.kind === 'granted' ? { requestId, leaseId, picoUsd, draws: decision.draws } : null;
    return { decision, held };
  }

  /** The next call of a lease, or with `sequence` an earlier one. */
  sync(leaseId: string, change: Partial<SyncCommand> = {}): SyncReply {
    const sequence = change.sequence ?? (this.#sequences.get(leaseId) ?? 0) + 1;
    this.#sequences.set(leaseId, Math.max(sequence, this.#sequences.get(leaseId) ?? 0));
    const command: SyncCommand = {
      ...{ leaseId, sequence, knownConfigVersion: this.snapshot.configVersion, events: [], settledIds: [] },
      ...{ canceledIds: [], statements: [], started: [], topUps: [], indexThrough: 0, permits: 0, pattern: null },
      isIdle: false,
      ...change,
    };
    return { ...this.store.transaction(() => this.book.sync(this.snapshot, command, this.now)), shards: 1 };
  }

  settle({ requestId, leaseId, draws }: Held, cost: bigint, isIdle = false): SyncReply {
    const events = [recordText(holdOf(requestId, 0n), cost, 1)];
    return this.sync(leaseId, { events, settledIds: [requestId], statements: endOf(draws, cost), isIdle });
  }

  cancel({ requestId, leaseId }: Pick<Held, 'requestId' | 'leaseId'>): SyncReply {
    return this.sync(leaseId, { canceledIds: [requestId] });
  }

  expireAfter(ms: number): void {
    this.now += ms;
    this.store.transaction(() => this.book.expire(this.snapshot, this.now));
  }

  /** The present configuration is published. */
  configure(): void {
    this.store.transaction(() => this.book.configure(this.snapshot, this.now));
  }

  status(at = 0) {
    const status = this.book.status(this.snapshot, this.now)[at];
    if (!status) throw new Error(`no limit ${at}`);
    return status;
  }

  events() {
    return this.store.events.map((text) => JSON.parse(text));
  }

  #read(): AdmissionBook {
    return new AdmissionBook(this.store, this.store.read(), () => `${this.#ids++}`);
  }
}

/** What a lease tells of a request's end, as a session has it: no more is spent than was drawn. */
export function endOf(draws: readonly Slice[], cost: bigint): Statement[] {
  return draws.map(({ limitId, start, amount }) => {
    const used = limitId.endsWith(':picoUsd') ? cost : limitId.endsWith(':concurrent') ? 0n : 1n;
    return { limitId, start, spent: used < amount ? used : amount, released: amount, held: 0n };
  });
}
