import { ok, type Result } from '../errors/result.ts';
import { type ChangeContext, type ChangeRefusal, deleteConfiguration } from './change-configuration.ts';
import { ROUTING_POLICIES } from './routing-policy-fields.ts';

/** Removes a routing policy with all of its versions, with an audit row. */
export async function deleteRoutingPolicy(by: ChangeContext, id: string): Promise<Result<null, ChangeRefusal>> {
  const deleted = await deleteConfiguration(by, ROUTING_POLICIES, id);
  return deleted.ok ? ok(null) : deleted;
}
