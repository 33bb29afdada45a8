import { uuidv7 } from 'uuidv7';
import type { AccessDenied } from '../../../shared/contracts/queues.ts';
import { ExpiringMap } from '../../../shared/platform/expiring-map.ts';
import { retry } from '../../../shared/platform/retry.ts';
import {
  DENIALS_GATHER_MS,
  DENIALS_MOST_PER_TENANT,
  DENIALS_PAUSE_MS,
  DENIALS_REMEMBERED,
  SYNC_ATTEMPTS,
  SYNC_RETRY_BASE_MS,
  SYNC_RETRY_CAP_MS,
} from '../constants.ts';

/** A request that was refused, and whose it is. */
export type Denial = Omit<AccessDenied, 'type' | 'eventId' | 'count' | 'firstAt' | 'lastAt'> & {
  readonly tenantId: string;
};

interface DenialsOptions {
  /** Makes refusals durable. A rejection means that they may not be. */
  tell(tenantId: string, denials: readonly AccessDenied[]): Promise<void>;
  onFailure(tenantId: string, lost: number, error: unknown): void;
  now(): number;
  wait(ms: number): Promise<void>;
}

interface Open extends AccessDenied {
  readonly dueAt: number;
}

/**
 * Refusals on their way into audit logs. Fails open: a request neither waits for it nor is told of it, and Postgres is not
 * asked at all: TenantGate takes them into its outbox. What was refused alike (tenant, actor, route, reason) becomes one entry
 * with a count: the first within half a second, those after it at most every 25 seconds. Of one tenant no more than so many
 * kinds wait at a time; all others are counted together. So nobody can fill a log from one isolate by being refused. What an
 * isolate has not told when it dies is lost: half a second of a first refusal, 25 seconds of a count.
 */
export class Denials {
  readonly #options: DenialsOptions;
  readonly #open = new Map<string, Map<string, Open>>();
  readonly #told: ExpiringMap<string, true>;

  constructor(options: DenialsOptions) {
    this.#options = options;
    this.#told = new ExpiringMap(DENIALS_REMEMBERED, options.now);
  }

  /** Notes a refusal now. `waitUntil` keeps the request alive, if it is the one that will tell. */
  note({ tenantId, ...denial }: Denial, waitUntil: (work: Promise<void>) => void): void {
    const now = this.#options.now();
    const own = this.#open.get(tenantId) ?? new Map<string, Open>();
    this.#open.set(tenantId, own);
    const actor = denial.actorApiKeyId ?? denial.actorUserId;
    const kind = `${denial.action} ${actor} ${denial.route} ${denial.reason}`;
    const isOver = !own.has(kind) && own.size >= DENIALS_MOST_PER_TENANT;
    const noted: typeof denial = isOver
      ? { ...denial, actorUserId: null, actorApiKeyId: null, route: '*', reason: 'more' }
      : denial;
    const name = isOver ? 'more' : kind;
    const known = own.get(name);
    if (known) {
      own.set(name, { ...known, count: known.count + 1, lastAt: now });
      return;
    }
    const isRecent = this.#told.get(`${tenantId}/${name}`, DENIALS_PAUSE_MS) !== undefined;
    const pause = isRecent ? DENIALS_PAUSE_MS : DENIALS_GATHER_MS;
    const event = { type: 'access.denied', eventId: uuidv7(), ...noted, count: 1, firstAt: now, lastAt: now } as const;
    own.set(name, { ...event, dueAt: now + pause });
    waitUntil(this.#tellAfter(tenantId, pause));
  }

  async #tellAfter(tenantId: string, pause: number): Promise<void> {
    await this.#options.wait(pause);
    const own = this.#open.get(tenantId);
    const now = this.#options.now();
    const due = [...(own ?? [])].filter(([, { dueAt }]) => dueAt <= now);
    if (due.length === 0) return; // another request told
    for (const [name] of due) {
      own?.delete(name);
      this.#told.set(`${tenantId}/${name}`, true);
    }
    if (own?.size === 0) this.#open.delete(tenantId);
    const events = due.map(([, { dueAt: _, ...event }]) => event);
    try {
      const limits = { attempts: SYNC_ATTEMPTS, baseMs: SYNC_RETRY_BASE_MS, capMs: SYNC_RETRY_CAP_MS };
      await retry(() => this.#options.tell(tenantId, events), limits);
    } catch (error) {
      const lost = events.reduce((sum, { count }) => sum + count, 0);
      this.#options.onFailure(tenantId, lost, error);
    }
  }
}
