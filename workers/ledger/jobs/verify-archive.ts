import * as z from 'zod';
import { verifyArchive } from '../../../shared/services/verify-archive.ts';
import type { JobStep } from './job.ts';

const input = z.object({ tenantId: z.uuid(), day: z.iso.date() });

/** Holds the archive of a tenant's day against what was deleted, and tells each problem. */
export const verifyArchiveStep: JobStep = async ({ statements, archive, logger }, job) => {
  const { tenantId, day } = input.parse(job.input);
  const problems = await verifyArchive({ statements, archive, tenantId, day });
  for (const problem of problems) logger.error('archive.difference', { tenantId, day, ...problem });
  return { result: { problems } };
};
