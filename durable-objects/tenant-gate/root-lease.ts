import type { HealthTold } from '../../shared/contracts/provider-health.ts';
import type { HoldRefusal, SyncReply, TenantGateRpc } from '../../shared/contracts/rpc.ts';
import type { TenantSnapshot } from '../../shared/contracts/tenant-snapshot.ts';
import type { Allotments, Use } from '../../shared/domain/admission/allotments.ts';
import type { KnownCircuits } from '../../shared/domain/routing/known-circuits.ts';
import { ROOT_FRESH_MS, ROOT_STATUS_MS } from './constants.ts';

interface RootLeaseOptions {
  root(): Pick<TenantGateRpc, 'sync' | 'limits'>;
  readonly allotments: Allotments;
  readonly circuits: Pick<KnownCircuits, 'tell' | 'hear'>;
  /** The shard's own counters, and the version of its configuration. */
  uses(): readonly Use[];
  configVersion(): number;
  /** Makes what the allotments are durable, with what an answer brings. */
  keep(snapshot: TenantSnapshot | undefined): void;
}

/**
 * A shard's calls to its root: one at a time, each made durable before it goes out and made again as it was until it is
 * answered. Requests of the shard wait for one only when what they need is not there.
 */
export class RootLease {
  readonly #options: RootLeaseOptions;
  #calling: Promise<void> | null = null;
  #heardAt = 0;
  #shards = 1;
  /** What is told of circuits until it is answered. */
  #health: HealthTold | null = null;
  #status: { readonly at: number; readonly limits: ReturnType<TenantGateRpc['limits']> } | null = null;

  constructor(options: RootLeaseOptions) {
    this.#options = options;
  }

  /** Over how many objects the tenant's leases are to be spread, as the root said last. */
  get shards(): number {
    return this.#shards;
  }

  /** If the configuration is as new as it must be for requests to begin by it. */
  isFresh(now: number): boolean {
    return now - this.#heardAt <= ROOT_FRESH_MS;
  }

  /** Ends when the root has answered a call that tells and asks all that there is now. */
  async call(isRenewal = false): Promise<void> {
    await this.#calling?.catch(() => {}); // it was not asked for what is needed now, and is made again if it failed
    this.#calling ??= this.#callOnce(isRenewal).finally(() => {
      this.#calling = null;
    });
    await this.#calling;
  }

  /** A refusal in the root's words, since its own numbers are only those of the shard; null when the root would not refuse. */
  async retell(refusal: HoldRefusal, now: number): Promise<HoldRefusal | null> {
    if (refusal.reason !== 'limit_reached') return refusal;
    if (!this.#status || now - this.#status.at > ROOT_STATUS_MS) {
      this.#status = { at: now, limits: this.#options.root().limits() };
    }
    const limits = await this.#status.limits;
    const limit = limits.find(({ limitId }) => limitId === refusal.limit.limitId);
    if (!limit || limit.remaining >= refusal.asked) return null;
    return { ...refusal, limit };
  }

  async #callOnce(isRenewal: boolean): Promise<void> {
    const { root, allotments, uses, configVersion, keep, circuits } = this.#options;
    const isRepeated = allotments.state.unanswered !== null;
    const sentAt = Date.now();
    const command = allotments.compose(uses(), configVersion(), sentAt, isRenewal);
    keep(undefined);
    this.#health ??= circuits.tell();
    const reply: SyncReply = await root().sync({ ...command, health: this.#health });
    this.#health = null;
    circuits.hear(reply.health, Date.now());
    allotments.accept(reply);
    this.#heardAt = sentAt;
    this.#shards = reply.shards;
    keep(reply.snapshot);
    if (isRepeated) await this.#callOnce(isRenewal); // with what is needed now
  }
}
