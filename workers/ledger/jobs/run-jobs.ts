import { isTransient } from '../../../shared/db/is-transient.ts';
import { dueJobs } from '../../../shared/domain/usage/due-jobs.ts';
import { type ClaimedJob, claimJob } from '../../../shared/services/claim-job.ts';
import { enqueueJob } from '../../../shared/services/enqueue-job.ts';
import { finishJob, releaseJob, saveProgress } from '../../../shared/services/save-job.ts';
import type { JobPorts, JobStep } from './job.ts';
import { reconcileStep } from './reconcile.ts';
import { rewrapKeysStep } from './rewrap-keys.ts';
import { rollOffStep } from './roll-off.ts';
import { verifyArchiveStep } from './verify-archive.ts';
import { verifyDomainsStep } from './verify-domains.ts';

/** How long one run of the schedule works on jobs. */
export const RUN_MS = 20_000;

const STEPS: Readonly<Record<string, JobStep>> = {
  reconcile: reconcileStep,
  'roll-off': rollOffStep,
  'verify-archive': verifyArchiveStep,
  'verify-domains': verifyDomainsStep,
  'rewrap-keys': rewrapKeysStep,
};

/**
 * Asks for the day's jobs and works on what waits, one job after the other, step by step, until nothing does or the run's
 * time is over. A job keeps where it is in Postgres after each step, and any later run goes on from there; a run that died
 * is taken over. Of two runs at once each has jobs of its own.
 */
export async function runJobs(ports: JobPorts, scheduledAt: Date, runMs = RUN_MS): Promise<void> {
  const { statements, now } = ports;
  for (const due of dueJobs(scheduledAt)) await enqueueJob({ statements, ...due });
  const end = now().getTime() + runMs;
  while (now().getTime() < end) {
    const job = await claimJob(statements);
    if (!job) return;
    await runJob(ports, job, end);
  }
}

async function runJob(ports: JobPorts, claimed: ClaimedJob, end: number): Promise<void> {
  const { statements, now } = ports;
  const logger = ports.logger.with({ jobId: claimed.id, job: claimed.kind });
  let job: ClaimedJob | null = claimed;
  try {
    const step = STEPS[claimed.kind];
    if (!step) throw new Error(`there is no job of the kind "${claimed.kind}"`);
    while (job) {
      const outcome = await step(ports, job);
      if ('result' in outcome) {
        await finishJob(statements, job, outcome.result);
        logger.info('job.succeeded');
        return;
      }
      job = await saveProgress(statements, job, outcome.progress);
      if (job && now().getTime() >= end) {
        await releaseJob(statements, job, null);
        return;
      }
    }
    logger.warn('job.taken_over');
  } catch (error) {
    logger.error('job.step_failed', { error, isTransient: isTransient(error) });
    const reason = error instanceof Error ? error.message.slice(0, 1_000) : String(error);
    if (job) await releaseJob(statements, job, reason);
  }
}
