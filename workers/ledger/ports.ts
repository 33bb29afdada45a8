import {
  type EventBindings,
  eventHub,
  MOST_HUB_SHARDS,
  MOST_SHARDS,
  runnerOf,
  type StubBindings,
  TASK_RUNNERS,
  type TaskStubBindings,
  taskRunner,
  tenantGate,
} from '../../durable-objects/stubs.ts';
import type { TenantGateRpc } from '../../shared/contracts/rpc.ts';
import type { TaskChangeReply } from '../../shared/contracts/tasks.ts';
import { createDatabase, type Database } from '../../shared/db/client.ts';
import { archiveOf } from '../../shared/domain/usage/archive-manifest.ts';
import { createLogger, type Logger } from '../../shared/platform/logger.ts';
import { spansFor } from '../../shared/platform/native-spans.ts';
import type { Spans } from '../../shared/platform/spans.ts';
import type { LedgerEnv } from './env.ts';
import { eraseFolder } from './erase-folder.ts';
import { deliverWebhooks } from './jobs/deliver-webhooks.ts';
import { createWebhookPorts } from './webhook-ports.ts';

/** What the ledger's consumers and jobs work with. */
export interface LedgerPorts {
  readonly db: Database;
  readonly logger: Logger;
  readonly spans: Spans;
  /**
   * One of a tenant's objects; 0, or none, is its TenantGate itself. Fails closed: an outbox row that cannot be confirmed is
   * sent again.
   */
  gate(tenantId: string, shard?: number): Pick<TenantGateRpc, 'publish' | 'confirm'>;
  /** Deletes all that was archived of a tenant. */
  eraseArchive(tenantId: string): Promise<void>;
  /** Ends a tenant's tasks, and deletes what its runners have of them. */
  eraseTasks(tenantId: string): Promise<void>;
  /** Has a task tried again, once by the same `retryId`. */
  retryTask(tenantId: string, taskId: string, retryId: string): Promise<TaskChangeReply>;
  /** Begins to send what is due of these tenants' webhooks and callbacks. Nobody waits for it: what it leaves is sent by the schedule. */
  sendWebhooks(tenantIds: readonly string[]): void;
  /** Ends the connections of those who read a tenant's events, and deletes what its hub and gates have of them. */
  eraseEvents(tenantId: string): Promise<void>;
  /** Destroys a tenant's key, for good. */
  eraseKey(tenantId: string): Promise<void>;
}

/** `waitUntil` keeps the invocation while work runs that nobody waits for; without one that work has as long as its caller has. */
export function createLedgerPorts(env: LedgerEnv, waitUntil: (work: Promise<unknown>) => void = () => {}): LedgerPorts {
  const bindings: StubBindings & TaskStubBindings & EventBindings = env;
  return {
    db: createDatabase({ databaseUrl: env.DATABASE_URL, neonEndpoint: env.NEON_ENDPOINT }),
    logger: createLogger({ service: 'ledger', level: env.LOG_LEVEL }),
    spans: spansFor(env.NATIVE_TRACING),
    gate: (tenantId, shard) => tenantGate(bindings, tenantId, shard),
    eraseArchive: (tenantId) => eraseFolder(env.ARCHIVE, archiveOf(tenantId)),
    eraseTasks: async (tenantId) => {
      const runners = Array.from({ length: TASK_RUNNERS }, (_, runner) => taskRunner(bindings, tenantId, runner));
      await Promise.all(runners.map((runner) => runner.erase()));
    },
    retryTask: (tenantId, taskId, retryId) => taskRunner(bindings, tenantId, runnerOf(taskId)).retry(taskId, retryId),
    sendWebhooks(tenantIds) {
      const ports = createWebhookPorts(env);
      const log = (error: unknown) => ports.logger.error('webhook.run_failed', { error });
      if (tenantIds.length > 0) waitUntil(deliverWebhooks(ports, { tenantIds }).catch(log));
    },
    eraseEvents: async (tenantId) => {
      const gates = Array.from({ length: MOST_SHARDS }, (_, shard) => tenantGate(bindings, tenantId, shard));
      await Promise.all(gates.map((gate) => gate.forgetEvents()));
      const hubs = Array.from({ length: 1 + MOST_HUB_SHARDS }, (_, shard) => eventHub(bindings, tenantId, shard));
      await Promise.all(hubs.map((hub) => hub.erase()));
    },
    eraseKey: (tenantId) => tenantGate(bindings, tenantId).eraseTenantKey(),
  };
}
