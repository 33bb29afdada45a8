import { createExecutionContext, createScheduledController, waitOnExecutionContext } from 'cloudflare:test';
import worker from './composed-worker.ts';
import { testEnv } from './mint-tenant.ts';

/** Before the hours of a day's jobs, so that a test's schedule works on what was asked for and not on every tenant. */
const MIDNIGHT = new Date('2026-01-01T00:00:00Z');

/** Runs the ledger's schedule, to its end. */
export async function runSchedule(scheduledTime = MIDNIGHT): Promise<void> {
  const context = createExecutionContext();
  await worker.scheduled(createScheduledController({ scheduledTime }), testEnv, context);
  await waitOnExecutionContext(context);
}
