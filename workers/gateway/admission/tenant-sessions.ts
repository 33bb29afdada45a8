import { uuidv7 } from 'uuidv7';
import type { GateNews, TenantGateRpc } from '../../../shared/contracts/rpc.ts';
import { CACHED_SESSIONS, SESSION_MAX_AGE_MS } from '../constants.ts';
import type { SessionOptions } from './session-options.ts';
import { TenantSession } from './tenant-session.ts';

interface TenantSessionsOptions {
  /** One of a tenant's objects; 0 is its TenantGate itself. */
  gate(tenantId: string, shard: number): Pick<TenantGateRpc, 'hold' | 'sync'>;
  /** As in `SessionOptions`. */
  readonly asksForEach?: boolean;
  now(): number;
  /** As in `SessionOptions`, of a tenant. */
  health?(tenantId: string): ReturnType<NonNullable<SessionOptions['health']>>;
  onNews(tenantId: string, news: GateNews, isKnown: boolean): void;
  onFailure(tenantId: string, error: unknown): void;
}

interface Entry {
  readonly session: TenantSession;
  readonly shards: number;
  readonly beganAt: number;
  /** Over how many objects the tenant's leases should be spread, as TenantGate said last. */
  shardsWanted: number;
}

/** An isolate's present sessions, one for each tenant that it serves. */
export class TenantSessions {
  readonly #options: TenantSessionsOptions;
  readonly #entries = new Map<string, Entry>();

  constructor(options: TenantSessionsOptions) {
    this.#options = options;
  }

  /** The session in which a tenant's next request may begin. One that is over is left to the requests that it has. */
  of(tenantId: string): TenantSession {
    const known = this.#entries.get(tenantId);
    if (known && this.#isCurrent(known)) return known.session;
    const entry = this.#begin(tenantId, known?.shardsWanted ?? 1);
    this.#entries.set(tenantId, entry);
    if (this.#entries.size > CACHED_SESSIONS) this.#forgetIdle();
    return entry.session;
  }

  #isCurrent({ session, shards, shardsWanted, beganAt }: Entry): boolean {
    return !session.isOver && shards === shardsWanted && this.#options.now() - beganAt < SESSION_MAX_AGE_MS;
  }

  /** Half of the sessions at most, the oldest first: one that is idle has nothing that another one would not have. */
  #forgetIdle(): void {
    for (const [tenantId, { session }] of this.#entries) {
      if (this.#entries.size <= CACHED_SESSIONS / 2) return;
      if (session.isIdle) this.#entries.delete(tenantId);
    }
  }

  #begin(tenantId: string, shards: number): Entry {
    const { gate, asksForEach = false, now, onNews, onFailure, health } = this.#options;
    const shard = shards === 1 ? 0 : 1 + Math.floor(Math.random() * shards);
    const session = new TenantSession({
      leaseId: uuidv7(),
      gate: {
        hold: (request) => gate(tenantId, shard).hold(request),
        sync: (command) => gate(tenantId, shard).sync(command),
      },
      asksForEach,
      now,
      ...(health && { health: () => health(tenantId) }),
      onNews: (news, isKnown) => {
        if (isKnown) entry.shardsWanted = news.shards;
        onNews(tenantId, news, isKnown);
      },
      onFailure: (error) => onFailure(tenantId, error),
    });
    const entry: Entry = { session, shards, beganAt: now(), shardsWanted: shards };
    return entry;
  }
}
