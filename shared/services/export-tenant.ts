import { type SQL, sql } from 'drizzle-orm';
import { getTableConfig } from 'drizzle-orm/pg-core';
import type { Database } from '../db/client.ts';
import { toJsonb } from '../db/to-jsonb.ts';
import { withTenant } from '../db/with-tenant.ts';
import { API_KEYS } from './api-key-fields.ts';
import { AUDIT_LOG_DESTINATIONS } from './audit-log-destination-fields.ts';
import { BUDGETS } from './budget-fields.ts';
import type { ConfigurationTable } from './change-configuration.ts';
import { isoText } from './configuration-columns.ts';
import { DOMAINS } from './domain-fields.ts';
import { ENVIRONMENTS } from './environment-fields.ts';
import { IDENTITY_PROVIDERS } from './identity-provider-fields.ts';
import { INVITATIONS } from './invitation-fields.ts';
import { auditFields } from './list-audit-logs.ts';
import { selectMembers } from './member-fields.ts';
import { PROVIDER_ACCOUNTS } from './provider-account-fields.ts';
import { RATE_LIMITS } from './rate-limit-fields.ts';
import { RESIDENCY_POLICIES } from './residency-policy-fields.ts';
import { selectRoles } from './role-fields.ts';
import { ROUTING_POLICIES } from './routing-policy-fields.ts';
import { scimGroupFields } from './scim/scim-group-fields.ts';
import { SCIM_TOKENS } from './scim/scim-token-fields.ts';
import { scimUserFields } from './scim/scim-user-fields.ts';
import { SECRETS } from './secret-fields.ts';
import { DEAD_LETTER_FIELDS } from './tenant-dead-letter-fields.ts';
import { tenantFields } from './tenant-fields.ts';
import { WEBHOOK_SIGNING_SECRETS } from './webhook-signing-secret-fields.ts';

/** Rows of one query: a page is one line of the stream's buffer. */
const PAGE_SIZE = 500;

/** A kind of line: how its rows are read behind a cursor, in an order that no row changes. */
interface Section {
  readonly kind: string;
  /** Selects `id`, a text or uuid, and `fields`: each column is named, so that none that is added later slips in. */
  page(tenantId: string, after: string | null): SQL;
}

const POLICY_WITH_VERSIONS = sql`${ROUTING_POLICIES.fields} || jsonb_build_object('versions', (
  select jsonb_agg(jsonb_build_object('version', version, 'strategy', old.strategy) order by version)
  from routing_policy_versions as old
  where old.tenant_id = routing_policies.tenant_id and old.policy_id = routing_policies.id))`;

const THRESHOLD_EVENT = sql`jsonb_build_object('id', id, 'budgetId', budget_id, 'budgetName', budget_name,
  'threshold', threshold, 'periodStart', ${isoText('period_start')}, 'capUsd', trim_scale(cap_usd)::text,
  'spentUsd', trim_scale(spent_usd)::text, 'reachedAt', ${isoText('reached_at')})`;

const SECTIONS: readonly Section[] = [
  { kind: 'tenant', page: (tenantId, after) => rows('tenants', tenantFields, sql`id = ${tenantId}::uuid`, after) },
  ofTable(ENVIRONMENTS),
  {
    kind: 'member',
    page: (tenantId, after) =>
      selectMembers(
        tenantId,
        sql`(${after}::uuid is null or users.id > ${after}::uuid) order by users.id limit ${PAGE_SIZE}`,
      ),
  },
  {
    kind: 'role',
    page: (tenantId, after) =>
      selectRoles(
        tenantId,
        sql`roles.tenant_id = ${tenantId}::uuid and
        (${after}::uuid is null or roles.id > ${after}::uuid) order by roles.id limit ${PAGE_SIZE}`,
      ),
  },
  ofTable(INVITATIONS),
  ofTable(API_KEYS),
  ofTable(PROVIDER_ACCOUNTS),
  ofTable(SECRETS),
  ofTable(DOMAINS),
  ofTable(IDENTITY_PROVIDERS),
  ofTable(SCIM_TOKENS),
  { kind: 'scim_user', page: (tenantId, after) => rows('scim_users', scimUserFields, own(tenantId), after) },
  { kind: 'scim_group', page: (tenantId, after) => rows('scim_groups', scimGroupFields(true), own(tenantId), after) },
  {
    kind: 'routing_policy',
    page: (tenantId, after) => rows('routing_policies', POLICY_WITH_VERSIONS, own(tenantId), after),
  },
  ofTable(RESIDENCY_POLICIES),
  ofTable(RATE_LIMITS),
  ofTable(BUDGETS),
  {
    kind: 'budget_threshold_event',
    page: (tenantId, after) => rows('budget_threshold_events', THRESHOLD_EVENT, own(tenantId), after),
  },
  ofTable(AUDIT_LOG_DESTINATIONS),
  ofTable(WEBHOOK_SIGNING_SECRETS),
  {
    kind: 'dead_letter',
    page: (tenantId, after) => rows('tenant_dead_letters', DEAD_LETTER_FIELDS, own(tenantId), after),
  },
  { kind: 'audit', page: (tenantId, after) => rows('audit_logs', auditFields, own(tenantId), after) },
  { kind: 'usage_day', page: selectUsageDays },
];

/**
 * All that is a tenant's and no secret, as JSON lines, a page of rows at a time as the reader takes them. Ends with a line
 * of kind `end` that counts the others, or with one of kind `error` when Postgres went away. What changes while it is
 * read may or may not be in it.
 */
export function exportTenant(input: {
  readonly db: Database;
  readonly tenantId: string;
  onFailure(error: unknown): void;
}): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  const pages = readPages(input);
  let lines = 0;
  const line = (value: object) => `${toJsonb(value)}\n`;
  return new ReadableStream({
    async pull(controller) {
      try {
        const { done, value } = await pages.next();
        if (!done) {
          lines += value.rows.length;
          const text = value.rows.map((fields) => line(asLine(value.kind, fields))).join('');
          return controller.enqueue(encoder.encode(text));
        }
        controller.enqueue(encoder.encode(line({ kind: 'end', lines })));
      } catch (error) {
        input.onFailure(error);
        controller.enqueue(encoder.encode(line({ kind: 'error', detail: 'The export broke off; ask for it again.' })));
      }
      controller.close();
    },
    async cancel() {
      await pages.return(undefined);
    },
  });
}

interface ExportPage {
  readonly kind: string;
  readonly rows: readonly object[];
}

/** Pages that have rows, section by section. */
async function* readPages(input: { db: Database; tenantId: string }): AsyncGenerator<ExportPage, void> {
  const { db, tenantId } = input;
  for (const { kind, page } of SECTIONS) {
    let after: string | null = null;
    do {
      const query: SQL = page(tenantId, after);
      const [{ rows }] = await withTenant(db, tenantId, (db) => [db.execute<{ id: string; fields: object }>(query)]);
      if (rows.length > 0) yield { kind, rows: rows.map(({ fields }) => fields) };
      after = rows.length < PAGE_SIZE ? null : (rows.at(-1)?.id ?? null);
    } while (after !== null);
  }
}

/** A row as a line of its section. One that has a kind of its own has it as its `type`. */
function asLine(kind: string, fields: object): object {
  return 'kind' in fields ? { ...fields, kind, type: fields.kind } : { kind, ...fields };
}

/** Rows of a table, as clients see them elsewhere, too. */
function ofTable({ table, target: kind, fields }: ConfigurationTable): Section {
  return { kind, page: (tenantId, after) => rows(getTableConfig(table).name, fields, own(tenantId), after) };
}

function rows(table: string, fields: SQL, which: SQL, after: string | null): SQL {
  return sql`select id, ${fields} as fields from ${sql.identifier(table)}
    where ${which} and (${after}::uuid is null or id > ${after}::uuid) order by id limit ${PAGE_SIZE}`;
}

function own(tenantId: string): SQL {
  return sql`tenant_id = ${tenantId}::uuid`;
}

/** Usage by day of UTC and what it was for; money stays text. */
function selectUsageDays(tenantId: string, after: string | null): SQL {
  return sql`
    select id, fields from (
      select concat_ws(' ', day::date, unit, environment_id, api_key_id, provider, model, routing_policy_id) as id,
        jsonb_build_object('day', day::date, 'unit', unit, 'environmentId', environment_id, 'apiKeyId', api_key_id,
          'provider', provider, 'model', model, 'routingPolicyId', routing_policy_id,
          'value', trim_scale(sum(value))::text, 'costUsd', trim_scale(sum(cost_usd))::text) as fields
      from (select *, date_trunc('day', period_start, 'UTC') at time zone 'UTC' as day from usage_aggregates
        where ${own(tenantId)}) as aggregate
      group by day, unit, environment_id, api_key_id, provider, model, routing_policy_id) as by_day
    where ${after}::text is null or id collate "C" > ${after}::text
    order by id collate "C" limit ${PAGE_SIZE}`;
}
