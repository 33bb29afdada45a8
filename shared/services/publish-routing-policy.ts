import { type SQL, sql } from 'drizzle-orm';
import type { RoutingPolicy } from '../contracts/http/routing-policies.ts';
import { ok, type Result } from '../errors/result.ts';
import { type ChangeContext, type ChangeRefusal, changeConfiguration, isRow } from './change-configuration.ts';
import { ROUTING_POLICIES, toRoutingPolicy } from './routing-policy-fields.ts';

const NO_VERSION = 'The policy has no such version, or it is the one that decides already.';
const NO_PREVIOUS = 'Nothing was published before the version that decides.';

/** Lets a version of a policy decide, its latest unless one is named; with an audit row. */
export async function publishRoutingPolicy(
  by: ChangeContext,
  id: string,
  version: number | undefined,
): Promise<Result<RoutingPolicy, ChangeRefusal>> {
  const wanted = version === undefined ? sql`latest_version` : sql`${version}::integer`;
  return await decideBy(by, id, { verb: 'published', wanted, blocked: NO_VERSION });
}

/** Lets the version decide that did before, with an audit row. Done twice, it is undone. */
export async function rollBackRoutingPolicy(
  by: ChangeContext,
  id: string,
): Promise<Result<RoutingPolicy, ChangeRefusal>> {
  return await decideBy(by, id, { verb: 'rolled_back', wanted: sql`previous_version`, blocked: NO_PREVIOUS });
}

interface Decision {
  readonly verb: string;
  /** The version, over the policy's columns. */
  readonly wanted: SQL;
  readonly blocked: string;
}

async function decideBy(
  by: ChangeContext,
  id: string,
  { verb, wanted, blocked }: Decision,
): Promise<Result<RoutingPolicy, ChangeRefusal>> {
  const changed = await changeConfiguration(by, ROUTING_POLICIES, {
    ...{ verb, id, blocked },
    statement: sql`
      update routing_policies set strategy = chosen.chosen_strategy, previous_version = published_version,
        published_version = chosen.chosen_version,
        draft = case when chosen.chosen_version = latest_version then null else draft end
      from (
        select version as chosen_version, strategy as chosen_strategy from routing_policy_versions
        where tenant_id = ${by.tenantId} and policy_id = ${id}
      ) as chosen
      where ${isRow(by, id)} and chosen.chosen_version = ${wanted} and chosen.chosen_version <> published_version
      returning id, ${ROUTING_POLICIES.fields} as fields`,
  });
  return changed.ok ? ok(toRoutingPolicy(changed.value)) : changed;
}
