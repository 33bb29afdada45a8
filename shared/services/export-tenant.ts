import { type SQL, sql } from 'drizzle-orm';
import type { Database } from '../db/client.ts';
import { toJsonb } from '../db/to-jsonb.ts';
import { withTenant } from '../db/with-tenant.ts';
import { AUDIT_LOG_DESTINATIONS } from './audit-log-destination-fields.ts';
import { BUDGETS } from './budget-fields.ts';
import { isoText } from './configuration-columns.ts';
import { INVITATIONS } from './invitation-fields.ts';
import { auditFields } from './list-audit-logs.ts';
import { selectMembers } from './member-fields.ts';
import { RESIDENCY_POLICIES } from './residency-policy-fields.ts';
import { selectRoles } from './role-fields.ts';
import { ROUTING_POLICIES } from './routing-policy-fields.ts';
import { scimGroupFields } from './scim/scim-group-fields.ts';
import { SCIM_TOKENS } from './scim/scim-token-fields.ts';
import { scimUserFields } from './scim/scim-user-fields.ts';
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

const SECTIONS: readonly Section[] = [
  { kind: 'tenant', page: (tenantId, after) => rows('tenants', tenantFields, sql`id = ${tenantId}::uuid`, after) },
  ofTenant('environment', 'environments', sql`'id', id, 'name', name, 'type', type, 'createdAt', ${at('created_at')}`),
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
  { kind: 'invitation', page: (tenantId, after) => rows('invitations', INVITATIONS.fields, own(tenantId), after) },
  ofTenant(
    'api_key',
    'api_keys',
    sql`'id', id, 'name', name, 'environmentId', environment_id, 'keyPrefix', key_prefix, 'scopes', scopes,
      'lastUsedAt', ${at('last_used_at')}, 'expiresAt', ${at('expires_at')}, 'revokedAt', ${at('revoked_at')},
      'createdBy', created_by, 'createdAt', ${at('created_at')}`,
  ),
  ofTenant(
    'provider_account',
    'provider_accounts',
    sql`'id', id, 'provider', provider, 'accountLabel', account_label, 'region', region, 'createdAt', ${at('created_at')}`,
  ),
  ofTenant(
    'identity_provider',
    'identity_providers',
    sql`'id', id, 'name', name, 'issuer', issuer, 'clientId', client_id, 'emailDomains', email_domains,
      'enabled', enabled, 'createdAt', ${at('created_at')}`,
  ),
  { kind: 'scim_token', page: (tenantId, after) => rows('scim_tokens', SCIM_TOKENS.fields, own(tenantId), after) },
  { kind: 'scim_user', page: (tenantId, after) => rows('scim_users', scimUserFields, own(tenantId), after) },
  { kind: 'scim_group', page: (tenantId, after) => rows('scim_groups', scimGroupFields(true), own(tenantId), after) },
  {
    kind: 'routing_policy',
    page: (tenantId, after) => rows('routing_policies', POLICY_WITH_VERSIONS, own(tenantId), after),
  },
  {
    kind: 'residency_policy',
    page: (tenantId, after) => rows('data_residency_policies', RESIDENCY_POLICIES.fields, own(tenantId), after),
  },
  ofTenant(
    'rate_limit',
    'rate_limits',
    sql`'id', id, 'name', name, 'environmentId', environment_id, 'apiKeyId', api_key_id, 'windowSeconds', window_seconds,
      'maxRequests', max_requests, 'maxTokens', max_tokens, 'maxConcurrent', max_concurrent, 'strategy', strategy,
      'queueMs', queue_ms, 'createdAt', ${at('created_at')}`,
  ),
  { kind: 'budget', page: (tenantId, after) => rows('budgets', BUDGETS.fields, own(tenantId), after) },
  ofTenant(
    'budget_threshold_event',
    'budget_threshold_events',
    sql`'id', id, 'budgetId', budget_id, 'budgetName', budget_name, 'threshold', threshold,
      'periodStart', ${at('period_start')}, 'capUsd', trim_scale(cap_usd)::text, 'spentUsd', trim_scale(spent_usd)::text,
      'reachedAt', ${at('reached_at')}`,
  ),
  {
    kind: 'audit_log_destination',
    page: (tenantId, after) => rows('audit_log_destinations', AUDIT_LOG_DESTINATIONS.fields, own(tenantId), after),
  },
  {
    kind: 'webhook_signing_secret',
    page: (tenantId, after) => rows('webhook_signing_secrets', WEBHOOK_SIGNING_SECRETS.fields, own(tenantId), after),
  },
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
          const text = value.rows.map((fields) => line({ kind: value.kind, ...fields })).join('');
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

function ofTenant(kind: string, table: string, pairs: SQL): Section {
  return { kind, page: (tenantId, after) => rows(table, sql`jsonb_build_object(${pairs})`, own(tenantId), after) };
}

function rows(table: string, fields: SQL, which: SQL, after: string | null): SQL {
  return sql`select id, ${fields} as fields from ${sql.identifier(table)}
    where ${which} and (${after}::uuid is null or id > ${after}::uuid) order by id limit ${PAGE_SIZE}`;
}

function own(tenantId: string): SQL {
  return sql`tenant_id = ${tenantId}::uuid`;
}

function at(column: string): SQL {
  return isoText(column);
}

/** Usage by day of UTC and what it was for; money stays text. */
function selectUsageDays(tenantId: string, after: string | null): SQL {
  return sql`
    select id, fields from (
      select concat_ws(' ', day::date, unit, environment_id, api_key_id, provider, model) as id,
        jsonb_build_object('day', day::date, 'unit', unit, 'environmentId', environment_id, 'apiKeyId', api_key_id,
          'provider', provider, 'model', model, 'value', trim_scale(sum(value))::text,
          'costUsd', trim_scale(sum(cost_usd))::text) as fields
      from (select *, date_trunc('day', period_start, 'UTC') at time zone 'UTC' as day from usage_aggregates
        where ${own(tenantId)}) as aggregate
      group by day, unit, environment_id, api_key_id, provider, model) as by_day
    where ${after}::text is null or id collate "C" > ${after}::text
    order by id collate "C" limit ${PAGE_SIZE}`;
}
