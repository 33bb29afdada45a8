import { placeOf, responseCache, tenantGate } from '../../../durable-objects/stubs.ts';
import { TaskRunnerBase, type TaskRunnerPorts } from '../../../durable-objects/task-runner/task-runner-base.ts';
import { regionName } from '../../../shared/contracts/names.ts';
import type { TasksDue } from '../../../shared/contracts/queues.ts';
import type { MembershipsRpc, TenantGateRpc, VaultRpc } from '../../../shared/contracts/rpc.ts';
import { createLogger } from '../../../shared/platform/logger.ts';
import { publicFetch } from '../../../shared/platform/public-fetch.ts';
import { createPipelinePorts } from '../../gateway/pipeline/index.ts';
import type { ProvidersEnv } from '../env.ts';
import { attemptTask } from './attempt-task.ts';

/** What runners reach beyond their object. */
export interface TaskRunnerOutside {
  gate(tenantId: string, shard?: number): TenantGateRpc;
  readonly vault: Pick<VaultRpc, 'open'>;
  readonly memberships: MembershipsRpc;
  readonly fetch: typeof fetch;
  send(hint: TasksDue): Promise<void>;
}

/**
 * The tasks' Durable Object as it is deployed: it calls providers through the same pipeline as requests, in its own
 * jurisdiction, with credentials that its script's vault opens.
 */
export class TaskRunner extends TaskRunnerBase<ProvidersEnv> {
  #ports: TaskRunnerPorts | undefined;

  protected override ports(): TaskRunnerPorts {
    this.#ports ??= this.#createPorts(this.outside());
    return this.#ports;
  }

  protected outside(): TaskRunnerOutside {
    const { env } = this;
    return {
      gate: (tenantId, shard) => tenantGate(env, tenantId, shard),
      vault: env.VAULT,
      memberships: env.MEMBERSHIPS,
      fetch: publicFetch((input, init) => fetch(input, init), env.ALLOW_PRIVATE_UPSTREAMS === 'true'),
      send: async (hint) => {
        await env.TASKS.send(hint);
      },
    };
  }

  #createPorts({ gate, vault, memberships, fetch, send }: TaskRunnerOutside): TaskRunnerPorts {
    const { tenantId, shard: runner } = placeOf(this.ctx.id);
    const { LOG_LEVEL: level, NATIVE_TRACING: nativeTracing, JURISDICTION } = this.env;
    const jurisdiction = JURISDICTION === '' ? null : regionName.parse(JURISDICTION);
    const logger = createLogger({ service: 'providers', level }).with({ tenantId, runner });
    const pipeline = createPipelinePorts({
      ...{ gate, logger, vault, nativeTracing, fetch },
      asksForEach: true, // a runner that dies leaves one hold for each call that it made, and no permits
      load: async () => null, // a tenant that has tasks was published when they were accepted
      findMembership: (ofTenant, userId) => memberships.find(ofTenant, userId),
      responseCache: (ofTenant, familyHash) => responseCache(this.env, ofTenant, familyHash),
    });
    return {
      logger,
      call: (call) => attemptTask({ tenantId, ports: pipeline, logger, jurisdiction }, call),
      hint: (taskIds) =>
        send({ type: 'tasks.due', v: 1, eventId: crypto.randomUUID(), tenantId, runner, taskIds: [...taskIds] }),
      record: (events, sequences) => gate(tenantId).record(events, { sender: runner, sequences }),
    };
  }
}
