import { describe, expect, it } from 'vitest';
import type { AuditEntry } from '../../../shared/contracts/http/audit-logs.ts';
import { mintTenant, ownerSql } from '../../harness/mint-tenant.ts';
import { joinAs, mintPerson } from '../../harness/people.ts';
import { done, refused } from '../../harness/send.ts';

interface Listed {
  readonly data: AuditEntry[];
  readonly nextCursor: string | null;
}

const ACTOR = '00000000-0000-4000-8000-0000000000a1';

/** A tenant with entries of one a minute, and a reader of them. */
async function logged() {
  const tenant = await mintTenant({ scopes: ['audit:read'] });
  const entries = [
    { action: 'budget.created', type: 'budget', id: 'b-1', by: null, metadata: { after: { name: 'Research 100%' } } },
    { action: 'budget.updated', type: 'budget', id: 'b-1', by: ACTOR, metadata: {} },
    { action: 'api_key.created', type: 'api_key', id: 'k-1', by: ACTOR, metadata: {} },
    { action: 'api_key.revoked', type: 'api_key', id: 'k-1', by: null, metadata: {} },
  ];
  for (const [minute, { action, type, id, by, metadata }] of entries.entries()) {
    await ownerSql()`insert into audit_logs (tenant_id, action, target_type, target_id, actor_user_id, ip, metadata, created_at)
      values (${tenant.tenantId}, ${action}, ${type}, ${id}, ${by}, '2001:db8::1', ${JSON.stringify(metadata)},
        ${new Date(Date.UTC(2026, 0, 1, 0, minute)).toISOString()})`;
  }
  const find = async (query: string) => done<Listed>(tenant.headers, 'GET', `/v1/audit-logs${query}`);
  return { tenant, find, actions: async (query: string) => (await find(query)).data.map(({ action }) => action) };
}

describe('the audit log', () => {
  it('is listed newest first, in pages', async () => {
    const { find } = await logged();
    const first = await find('?limit=3');
    const rest = await find(`?limit=3&cursor=${first.nextCursor}`);
    const actions = [...first.data, ...rest.data].map(({ action }) => action);
    expect(actions).toEqual(['api_key.revoked', 'api_key.created', 'budget.updated', 'budget.created']);
    expect(rest.nextCursor).toBeNull();
    expect(first.data[1]).toMatchObject({
      ...{ actorUserId: ACTOR, actorApiKeyId: null, targetType: 'api_key', targetId: 'k-1' },
      ...{ ip: '2001:db8::1', userAgent: null, createdAt: '2026-01-01T00:02:00.000Z' },
    });
  });

  it('pages through entries of one moment without loss', async () => {
    const { tenant, find } = await logged();
    await ownerSql()`insert into audit_logs (tenant_id, action, target_type, created_at)
      select ${tenant.tenantId}, 'a.b', 'a', '2026-02-01' from generate_series(1, 25)`;
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const page: Listed = await find(`?limit=10&action=a.b${cursor ? `&cursor=${cursor}` : ''}`);
      seen.push(...page.data.map(({ id }) => id));
      cursor = page.nextCursor;
    } while (cursor);
    expect([seen.length, new Set(seen).size]).toEqual([25, 25]);
  });

  it.each([
    ['?q=BUDGET', ['budget.updated', 'budget.created']],
    ['?q=research', ['budget.created']],
    ['?q=100%25', ['budget.created']],
    ['?q=0_0', []],
    ['?q=research%20%20created', ['budget.created']],
    ['?q=created%20k-1', ['api_key.created']],
    ['?q=research%20revoked', []],
    ['?q=2001:DB8&action=api_key.revoked', ['api_key.revoked']],
    ['?q=k-1', ['api_key.revoked', 'api_key.created']],
    [`?actor=${ACTOR}`, ['api_key.created', 'budget.updated']],
    ['?action=api_key.created', ['api_key.created']],
    ['?targetType=budget&q=updated', ['budget.updated']],
    ['?from=2026-01-01T00:01:00Z&to=2026-01-01T01:03:00%2B01:00', ['api_key.created', 'budget.updated']],
  ])('is searched by %s', async (query, expected) => {
    expect(await (await logged()).actions(query)).toEqual(expected);
  });

  it('is nobody else’s, and takes no cursor of theirs', async () => {
    const [mine, theirs] = [await logged(), await logged()];
    const [entry] = (await theirs.find('?limit=1')).data;
    expect(await mine.find(`?cursor=${entry?.id}`)).toEqual({ data: [], nextCursor: null });
    expect(await mine.find('?cursor=00000000-0000-4000-8000-0000000000ff')).toEqual({ data: [], nextCursor: null });
    const ids = (await mine.find('')).data.map(({ id }) => id);
    expect(ids).not.toContain(entry?.id);
  });

  it('is for who may read it', async () => {
    const { tenant } = await logged();
    const viewer = await mintPerson();
    await joinAs(viewer, tenant.tenantId, 'viewer');
    expect(await refused(viewer.in(tenant.tenantId), 'GET', '/v1/audit-logs')).toMatchObject({
      code: 'permission_denied',
    });
    for (const query of ['?q=', '?actor=me', '?from=today', '?limit=0', '?unknown=1']) {
      expect(await refused(tenant.headers, 'GET', `/v1/audit-logs${query}`)).toMatchObject({ code: 'bad_request' });
    }
  });
});
