import { WorkerEntrypoint } from 'cloudflare:workers';
import { type TaskStubBindings, taskRunner } from '../../durable-objects/stubs.ts';
import { createLogger } from '../../shared/platform/logger.ts';
import { consumeTasksDue } from './consumers/consume-tasks-due.ts';
import type { ProvidersEnv } from './env.ts';

export { TaskRunner } from './tasks/task-runner.ts';
export { Vault } from './vault/vault.ts';

/** The `providers` script: the vault, the tasks' Durable Object, and what wakes it. Nothing answers it over HTTP. */
export default class Providers extends WorkerEntrypoint<ProvidersEnv> {
  override fetch(): Response {
    return new Response(null, { status: 404 });
  }

  override async queue(batch: MessageBatch): Promise<void> {
    const bindings: TaskStubBindings = this.env;
    await consumeTasksDue(batch, {
      logger: createLogger({ service: 'providers', level: this.env.LOG_LEVEL }),
      runner: (tenantId, runner) => taskRunner(bindings, tenantId, runner),
    });
  }
}
