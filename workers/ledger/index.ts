import { WorkerEntrypoint } from 'cloudflare:workers';
import { createAuditPorts, createDeliveryPorts } from './audit-ports.ts';
import { consumeDeadLetters } from './consumers/consume-dead-letters.ts';
import { consumeLedgerBatches } from './consumers/consume-ledger-batches.ts';
import { consumeTaskDeadLetters } from './consumers/consume-task-dead-letters.ts';
import type { LedgerEnv } from './env.ts';
import { deliverAuditCheckpoints } from './jobs/deliver-audit-checkpoints.ts';
import { deliverWebhooks } from './jobs/deliver-webhooks.ts';
import { eraseTenants } from './jobs/erase-tenants.ts';
import { createJobPorts } from './jobs/job-ports.ts';
import { publishConfigurations } from './jobs/publish-configurations.ts';
import { replayDeadLetters } from './jobs/replay-dead-letters.ts';
import { runJobs } from './jobs/run-jobs.ts';
import { sealAuditLogs } from './jobs/seal-audit-logs.ts';
import { createLedgerPorts, type LedgerPorts } from './ports.ts';
import { logicalQueueName } from './queue-name.ts';
import { createWebhookPorts } from './webhook-ports.ts';

export { Memberships } from './memberships.ts';

/** The `ledger` script: consumes queues and runs jobs on a schedule; nothing answers it over HTTP. */
export default class Ledger extends WorkerEntrypoint<LedgerEnv> {
  override fetch(): Response {
    return new Response(null, { status: 404 });
  }

  override async queue(batch: MessageBatch): Promise<void> {
    const ports = this.#ports();
    switch (logicalQueueName(batch.queue)) {
      case 'ledger':
        return await consumeLedgerBatches(batch, ports);
      case 'ledger-dlq':
        return await consumeDeadLetters(batch, ports);
      case 'tasks-dlq':
        return await consumeTaskDeadLetters(batch, ports);
    }
  }

  override async scheduled({ scheduledTime }: Pick<ScheduledController, 'scheduledTime'>): Promise<void> {
    const ports = this.#ports();
    await publishConfigurations(ports);
    await eraseTenants(ports);
    await replayDeadLetters(ports);
    await deliverWebhooks(createWebhookPorts(this.env), { tenantIds: null });
    await sealAuditLogs(createAuditPorts(this.env));
    await deliverAuditCheckpoints(createDeliveryPorts(this.env));
    await runJobs(createJobPorts(this.env), new Date(scheduledTime));
  }

  #ports(): LedgerPorts {
    return createLedgerPorts(this.env, (work) => this.ctx.waitUntil(work));
  }
}
