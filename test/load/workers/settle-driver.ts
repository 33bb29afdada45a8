import { type StubBindings, tenantGate } from '../../../durable-objects/stubs.ts';
import type { Slice, SyncCommand } from '../../../shared/contracts/rpc.ts';
import type { TenantSnapshot } from '../../../shared/contracts/tenant-snapshot.ts';
import { limitsFor, limitsOf, mostOf } from '../../../shared/domain/admission/limit.ts';
import { toRequestRecorded } from '../../../shared/domain/admission/request-event.ts';
import { requestIdOf } from '../../../shared/domain/admission/request-ids.ts';
import { slotOf } from '../../../shared/domain/admission/window.ts';
import { holdOf, MOST, OUTCOME, snapshotOf, usedOf } from '../sample-tenant.ts';

/** Leases that one object is driven by at the same time, each with one call under way. */
const LEASES = 8;

/**
 * Settles requests at a TenantGate that nobody else uses: `POST /?requests=N&batch=M` settles N of them, M in a call.
 * Whatever M is, every request draws from each limit of its tenant, is settled to the unit, and leaves its record.
 */
export const settle: ExportedHandler<StubBindings> = {
  async fetch(request, env) {
    const query = new URL(request.url).searchParams;
    const [requests, batch] = [Number(query.get('requests')), Number(query.get('batch'))];
    const snapshot = snapshotOf(crypto.randomUUID());
    await tenantGate(env, snapshot.tenantId).publish(snapshot);
    const calls = Math.ceil(requests / batch / LEASES);
    await Promise.all(Array.from({ length: LEASES }, () => settleCalls(env, snapshot, calls, batch)));
    return Response.json({ settled: LEASES * calls * batch });
  },
};

/** The queue, which takes what the outbox sends, and loses it: the ledger is no part of what is measured. */
export const queue: ExportedHandler = {
  fetch: () => Response.json({ metadata: { metrics: { backlogCount: 0, backlogBytes: 0 } } }),
};

async function settleCalls(env: StubBindings, snapshot: TenantSnapshot, calls: number, batch: number): Promise<void> {
  const gate = tenantGate(env, snapshot.tenantId);
  const leaseId = crypto.randomUUID();
  const hold = holdOf(requestIdOf(leaseId, 0));
  const [head, tail] = JSON.stringify(toRequestRecorded(hold, OUTCOME)).split(hold.requestId);
  const recordOf = (requestId: string) => `${head}${requestId}${tail}`;
  const limits = limitsFor(limitsOf(snapshot), hold);
  const count = BigInt(batch);
  let grants: readonly Slice[] = [];
  // The first call only draws, and the last one only settles.
  for (let call = 0; call <= calls; call++) {
    const first = (call - 1) * batch;
    const command: SyncCommand = {
      ...{ leaseId, sequence: call + 1, knownConfigVersion: snapshot.configVersion },
      events: call === 0 ? [] : Array.from({ length: batch }, (_, at) => recordOf(requestIdOf(leaseId, first + at))),
      ...{ settledIds: [], canceledIds: [], started: [] },
      statements: grants.map(({ limitId, start, amount }) => {
        const spent = usedOf(limitId) * count;
        return { limitId, start, spent, released: amount, held: 0n };
      }),
      topUps: limits.map(({ id: limitId, unit, window }) => {
        const amount = mostOf(unit, MOST) * count;
        return { limitId, start: slotOf(window, Date.now()).start, amount, least: amount };
      }),
      ...{ indexThrough: call * batch, permits: batch, pattern: hold, isIdle: false },
    };
    const reply = await gate.sync(command);
    if (reply.state !== 'open') throw new Error(`the lease is ${reply.state}`);
    grants = reply.grants;
  }
}
