import { EventHub as ProductHub } from '../../../durable-objects/event-hub/event-hub.ts';
import { IdempotencyStore as ProductStore } from '../../../durable-objects/idempotency-store/idempotency-store.ts';
import { TenantGate as ProductGate } from '../../../durable-objects/tenant-gate/tenant-gate.ts';
import { NO_COUNTS } from '../gate-counts.ts';

/** Of all objects of this process together. */
const counted = { ...NO_COUNTS };

/** What follows a promise that waits for nothing from outside is in the same turn, and so in the same commit. */
const PROMISES_OF_A_TURN = 32;
const IS_WRITE = /^\s*(insert|update|delete|replace|create|alter|drop)\b/i;

/** The product's TenantGate; what it does is counted on the way, and not changed. */
export class TenantGate extends ProductGate {
  constructor(...[state, env]: ConstructorParameters<typeof ProductGate>) {
    countStorage(state.storage);
    super(state, env);
  }

  override snapshot(...args: Parameters<ProductGate['snapshot']>) {
    counted.lookUps += 1;
    return super.snapshot(...args);
  }

  override publish(...args: Parameters<ProductGate['publish']>) {
    counted.lookUps += 1;
    return super.publish(...args);
  }

  override hold(...args: Parameters<ProductGate['hold']>) {
    counted.holds += 1;
    return super.hold(...args);
  }

  override sync(...args: Parameters<ProductGate['sync']>) {
    counted.syncs += 1;
    counted.requests += args[0].events.length;
    return super.sync(...args);
  }

  override confirm(...args: Parameters<ProductGate['confirm']>) {
    counted.confirms += 1;
    return super.confirm(...args);
  }

  override alarm() {
    counted.alarms += 1;
    return super.alarm();
  }
}

/** The product's own. */
export class IdempotencyStore extends ProductStore {}

/** The product's own: what it writes is not a gate's. */
export class EventHub extends ProductHub {}

/** Tells what was counted. */
export const counts: ExportedHandler = {
  fetch: () => Response.json(counted),
};

/**
 * What an object writes without waiting for something from outside in between is one commit, an alarm that it sets included:
 * https://blog.cloudflare.com/durable-objects-easy-fast-correct-choose-three/
 */
function countStorage(storage: DurableObjectStorage): void {
  const { sql } = storage;
  const [exec, setAlarm] = [sql.exec.bind(sql), storage.setAlarm.bind(storage)];
  let cursors: SqlStorageCursor<Record<string, SqlStorageValue>>[] = [];
  let isWriting = false;
  const endTurn = () => {
    for (const { rowsRead, rowsWritten } of cursors) {
      counted.rowsRead += rowsRead;
      counted.rowsWritten += rowsWritten;
    }
    if (isWriting) counted.commits += 1;
    cursors = [];
    isWriting = false;
  };
  const endTurnAfter = (promises: number): void => {
    if (promises === 0) endTurn();
    else queueMicrotask(() => endTurnAfter(promises - 1));
  };
  const inTurn = () => {
    if (cursors.length === 0 && !isWriting) endTurnAfter(PROMISES_OF_A_TURN);
  };
  const countedExec: typeof sql.exec = (query, ...bindings) => {
    inTurn();
    const cursor = exec(query, ...bindings);
    cursors.push(cursor);
    isWriting ||= IS_WRITE.test(query);
    return cursor as never; // typed by the caller, as the original is
  };
  const countedSetAlarm: typeof setAlarm = (...args) => {
    inTurn();
    counted.rowsWritten += 1; // as it is billed: https://developers.cloudflare.com/durable-objects/platform/pricing/
    isWriting = true;
    return setAlarm(...args);
  };
  Object.defineProperty(sql, 'exec', { value: countedExec });
  Object.defineProperty(storage, 'setAlarm', { value: countedSetAlarm });
}
