import type { ErrorCode } from '../../../shared/errors/domain-error.ts';
import type { LogFields } from '../../../shared/platform/logger.ts';

/**
 * What becomes of a key when its run has ended: the answer is kept; or it is not known what was done, and there is nothing
 * to keep; or nothing was done, and the key is free for a retry that can succeed.
 */
export type Fate = 'keep' | 'lapse' | 'forget';

/** Codes of answers behind which a change may have been committed. */
const UNKNOWN: readonly unknown[] = ['unavailable', 'internal_error'] satisfies ErrorCode[];

/** The end of a run, by its status and by what it says of itself in its log line. */
export interface EndedRun {
  readonly status: number;
  readonly logFields: LogFields;
  /** It called a provider, or was about to. */
  readonly isAtMostOnce: boolean;
}

export function fateOfRun({ status, logFields, isAtMostOnce }: EndedRun): Fate {
  if (status < 400) return 'keep';
  if (isAtMostOnce) return wasBilled(logFields) ? 'keep' : 'forget';
  if (logFields.code === 'idempotency_answer_lost') return 'keep';
  return UNKNOWN.includes(logFields.code) ? 'lapse' : 'forget';
}

/** If one of the calls that a request made bills something, or may: a cost that is not known is billed at its estimate. */
export function wasBilled({ isBilled }: LogFields): boolean {
  return isBilled === true;
}
