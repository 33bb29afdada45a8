import { canonicalJson } from '../../shared/domain/audit/canonical-json.ts';
import { insertRow, TENANT_TABLES } from '../integration/database/tenant-rows.ts';
import { mintTenant, ownerSql, type TestTenant, testEnv } from './mint-tenant.ts';
import { joinAs, mintPerson, type TestPerson } from './people.ts';
import { scimHeaders } from './scim-client.ts';

const NO_HASH = '0'.repeat(32);

export interface FilledTenant extends TestTenant {
  readonly owner: TestPerson;
  /** Headers of its identity provider. */
  readonly scim: Record<string, string>;
}

/** A tenant with an owner, and with a row in every table whose ids are all the tenant's own id. */
export async function fillTenant(scopes: readonly string[]): Promise<FilledTenant> {
  const tenant = await mintTenant({ scopes });
  const owner = await mintPerson();
  await joinAs(owner, tenant.tenantId, 'owner');
  const sql = ownerSql();
  await sql`update tenants set plan = 'enterprise' where id = ${tenant.tenantId}`;
  const rows = TENANT_TABLES.filter(({ name }) => name !== 'tenants').map((table) => {
    const { text, values = [] } = insertRow(table, tenant.tenantId, overrides(tenant.tenantId));
    return sql.query(text, values);
  });
  await sql.transaction([
    sql`set local session_replication_role = replica`,
    ...rows,
    sql`insert into sessions (id, user_id, token_hash, rights, issuer, subject)
        values (${tenant.tenantId}, ${owner.userId}, ${tenant.tenantId}, '', ${testEnv.OIDC_ISSUER}, ${owner.userId})`,
    // An enforced one would keep every request of the tenant from its route.
    sql`update data_residency_policies set enforced = false where tenant_id = ${tenant.tenantId}`,
  ]);
  return { ...tenant, owner, scim: await scimHeaders(tenant.tenantId, tenant.tenantId) };
}

/** Values that are read with a schema where they are shown. */
function overrides(tenantId: string): Readonly<Record<string, unknown>> {
  const entry = canonicalJson({
    ...{ version: 1, id: tenantId, tenantId, action: 'a.b', actorUserId: null, actorApiKeyId: null, targetType: 'a' },
    ...{ targetId: null, ip: null, userAgent: null, metadata: {}, createdAt: '2026-01-01T00:00:00.000Z' },
  });
  // The one entry of its audit log, which a checkpoint covers.
  const sealed = { entry, level: 0, position: 0, size: 1, leaf_hash: NO_HASH, hash: NO_HASH };
  return { issuer: `https://${tenantId}.example`, base_url: null, ...sealed };
}

/** A tenant's rows in every table, as one text per table: equal texts, equal rows. */
export async function rowsOf(tenantId: string): Promise<Record<string, string>> {
  const sql = ownerSql();
  const tables = [...TENANT_TABLES.map(({ name, owner }) => ({ name, owner })), { name: 'sessions', owner: 'id' }];
  const texts = await sql.transaction(
    tables.map(({ name, owner }) =>
      sql.query(
        `select coalesce(string_agg(t::text, '\n' order by t::text), '') as rows from ${name} as t where ${owner} = $1`,
        [tenantId],
      ),
    ),
  );
  return Object.fromEntries(tables.map(({ name }, at) => [name, String(texts[at]?.[0]?.rows)]));
}

/** Tables that have a row of a tenant's in which another tenant's id stands. */
export async function plantedIn(tenantId: string, foreign: string): Promise<string[]> {
  const rows = await rowsOf(tenantId);
  return Object.keys(rows).filter((name) => rows[name]?.includes(foreign));
}
