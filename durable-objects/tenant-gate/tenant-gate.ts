import { DurableObject } from 'cloudflare:workers';
import { TENANT_GATE_MIGRATIONS } from '../../migrations/durable-objects/tenant-gate.ts';
import type {
  HoldCommand,
  HoldReply,
  SettleCommand,
  SnapshotReply,
  TenantGateRpc,
} from '../../shared/contracts/rpc.ts';
import type { TenantSnapshot } from '../../shared/contracts/tenant-snapshot.ts';
import { decideExpiry, decideHold, decideSettle } from '../../shared/domain/admission/hold.ts';
import { err, ok } from '../../shared/errors/result.ts';
import { createLogger, type Logger } from '../../shared/platform/logger.ts';
import type { StateEnv } from '../env.ts';
import { migrate, schemaVersion } from '../runtime/migrate.ts';
import { HOLD_TTL_MS, LATE_SETTLEMENT_MS } from './constants.ts';
import { GateStore } from './gate-store.ts';
import { Outbox } from './outbox.ts';

/**
 * A tenant's one authority over what it may spend: its configuration, budgets, holds and outbox. A shell of storage and
 * alarm; the rules are in `shared/domain/admission`. Every command is one synchronous transaction, so no two of them
 * interleave, and none answers before its rows are durable.
 *
 * An object that was never published to has no tables: asking after a made-up tenant stores nothing.
 */
export class TenantGate extends DurableObject<StateEnv> implements TenantGateRpc {
  readonly #store: GateStore;
  readonly #outbox: Outbox;
  readonly #logger: Logger;
  #alarmAt: number | null = null;
  #isKnown: boolean;

  constructor(context: DurableObjectState, env: StateEnv) {
    super(context, env);
    this.#store = new GateStore(context.storage.sql);
    this.#outbox = new Outbox(context.storage.sql);
    this.#logger = createLogger({ service: 'state', level: env.LOG_LEVEL });
    this.#isKnown = schemaVersion(context.storage.sql) > 0;
    void context.blockConcurrencyWhile(async () => {
      if (!this.#isKnown) return;
      migrate(context.storage, TENANT_GATE_MIGRATIONS);
      this.#alarmAt = await context.storage.getAlarm();
      this.#arm();
    });
  }

  async snapshot(knownConfigVersion: number): Promise<SnapshotReply> {
    const snapshot = this.#isKnown ? this.#store.readSnapshot() : null;
    if (!snapshot) return { state: 'unknown' };
    return snapshot.configVersion > knownConfigVersion ? { state: 'newer', snapshot } : { state: 'unchanged' };
  }

  async publish(snapshot: TenantSnapshot): Promise<number> {
    migrate(this.ctx.storage, TENANT_GATE_MIGRATIONS);
    this.#isKnown = true;
    const current = this.#store.readSnapshot();
    if (current && current.configVersion >= snapshot.configVersion) return current.configVersion;
    this.#store.writeSnapshot(snapshot);
    return snapshot.configVersion;
  }

  async hold(command: HoldCommand): Promise<HoldReply> {
    const snapshot = this.#isKnown ? this.#store.readSnapshot() : null;
    if (!snapshot) return { result: err({ reason: 'tenant_unknown' }) };
    const news = snapshot.configVersion > command.knownConfigVersion ? { snapshot } : {};
    const replayed = this.#store.readHold(command.requestId);
    if (replayed) return { result: ok({ deadline: replayed.deadline }), ...news };
    const deadline = Date.now() + HOLD_TTL_MS;
    const decision = decideHold(snapshot, (key) => this.#store.readCounter(key), command, deadline);
    if (!decision.ok) return { result: decision, ...news };
    this.ctx.storage.transactionSync(() => {
      this.#store.writeHold(decision.value.hold);
      this.#store.applyChanges(decision.value.changes);
    });
    this.#armFor(deadline);
    return { result: ok({ deadline }), ...news };
  }

  async renew(requestIds: readonly string[]): Promise<void> {
    if (!this.#isKnown) return;
    const deadline = Date.now() + HOLD_TTL_MS;
    for (const requestId of requestIds) this.#store.renewHold(requestId, deadline);
  }

  async settle(commands: readonly SettleCommand[]): Promise<void> {
    if (!this.#isKnown) return;
    let due = Number.POSITIVE_INFINITY;
    this.ctx.storage.transactionSync(() => {
      for (const command of commands) {
        const hold = this.#store.readHold(command.requestId);
        if (!hold) continue;
        const { changes, event } = decideSettle(hold, command);
        this.#store.deleteHold(command.requestId);
        this.#store.applyChanges(changes);
        due = Math.min(due, this.#outbox.append(event, hold.command.traceparent, Date.now()));
      }
    });
    if (due < Number.POSITIVE_INFINITY) this.#armFor(due);
  }

  async confirm(sequences: readonly number[]): Promise<void> {
    if (this.#isKnown) this.ctx.storage.transactionSync(() => this.#outbox.confirm(sequences));
  }

  override async alarm(): Promise<void> {
    this.#alarmAt = null;
    try {
      this.#expireHolds(Date.now());
      await this.#drainOutbox(Date.now());
    } finally {
      this.#arm();
    }
  }

  #expireHolds(now: number): void {
    this.ctx.storage.transactionSync(() => {
      for (const hold of this.#store.readExpiredHolds(now)) {
        const { changes, event } = decideExpiry(hold, now);
        this.#store.writeHold({ ...hold, state: 'estimated', deadline: now + LATE_SETTLEMENT_MS });
        this.#store.applyChanges(changes);
        this.#outbox.append(event, hold.command.traceparent, now);
      }
      this.#store.deleteOldEstimates(now);
    });
  }

  /** A failed send is only logged: its rows are due again soon, as when a message is lost on its way. */
  async #drainOutbox(now: number): Promise<void> {
    const tenantId = this.#store.readSnapshot()?.tenantId;
    if (tenantId === undefined) return;
    const batches = this.ctx.storage.transactionSync(() => this.#outbox.takeDue(tenantId, now));
    if (batches.length === 0) return;
    try {
      await this.env.LEDGER.sendBatch(batches.map((body) => ({ body })));
    } catch (error) {
      this.#logger.error('outbox.send_failed', { tenantId, batches: batches.length, error });
    }
  }

  /** Sets the object's single alarm to what is due first of all that is stored. */
  #arm(): void {
    const due = [this.#store.nextDeadline(), this.#outbox.nextDue()].filter((time) => time !== null);
    if (due.length > 0) this.#armFor(Math.min(...due));
  }

  /** Sets the alarm for something new that is due; one that is set as early is left alone. */
  #armFor(due: number): void {
    if (this.#alarmAt !== null && this.#alarmAt <= due) return;
    this.#alarmAt = due;
    void this.ctx.storage.setAlarm(due);
  }
}
