import type { DomainError } from '../../../shared/errors/domain-error.ts';
import { err, type Result } from '../../../shared/errors/result.ts';
import type { ChangeContext } from '../../../shared/services/change-configuration.ts';
import type { Granter } from '../../../shared/services/change-member-roles.ts';
import type { AppContext } from '../app-context.ts';
import { changeContext } from './apply-change.ts';
import { type AccessRefusal, accessRefused } from './grant-refusals.ts';
import { readRecord } from './read-record.ts';

/**
 * Makes a change of who may do what. The data plane need not be told: what people may do is read from Postgres with each
 * of their requests.
 */
export async function changeAccess<T>(
  context: AppContext,
  change: (by: ChangeContext, granter: Granter) => Promise<Result<T, AccessRefusal>>,
): Promise<Result<T, DomainError>> {
  const changed = await readRecord(context, () => change(changeContext(context), context.get('tenant')));
  if (!changed.ok) return changed;
  return changed.value.ok ? changed.value : err(accessRefused(changed.value.error));
}
