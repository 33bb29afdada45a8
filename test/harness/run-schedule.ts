import { createExecutionContext, createScheduledController, waitOnExecutionContext } from 'cloudflare:test';
import worker from './composed-worker.ts';
import { testEnv } from './mint-tenant.ts';

/** Runs the ledger's schedule now, to its end. */
export async function runSchedule(): Promise<void> {
  const context = createExecutionContext();
  await worker.scheduled(createScheduledController(), testEnv, context);
  await waitOnExecutionContext(context);
}
