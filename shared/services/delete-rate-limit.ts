import { ok, type Result } from '../errors/result.ts';
import { type ChangeContext, type ChangeRefusal, deleteConfiguration } from './change-configuration.ts';
import { RATE_LIMITS } from './rate-limit-fields.ts';

/** Removes a rate limit, with an audit row. */
export async function deleteRateLimit(by: ChangeContext, id: string): Promise<Result<null, ChangeRefusal>> {
  const deleted = await deleteConfiguration(by, RATE_LIMITS, id);
  return deleted.ok ? ok(null) : deleted;
}
