import { describe, expect, it } from 'vitest';
import { verifyEd25519 } from '../../../shared/crypto/ed25519.ts';
import { sha256 } from '../../../shared/crypto/sha256.ts';
import type { EntryProof, LogLine } from '../../../shared/domain/audit/log-lines.ts';
import { type LogJudge, LogVerifier, verifyEntryProof } from '../../../shared/domain/audit/verify-log.ts';
import { call } from '../../harness/gateway-client.ts';
import { mintTenant, ownerSql, testEnv } from '../../harness/mint-tenant.ts';
import { runSchedule } from '../../harness/run-schedule.ts';
import { done, refused, send } from '../../harness/send.ts';

interface Checkpoints {
  readonly data: { readonly size: number; readonly note: string }[];
  readonly nextCursor: string | null;
}

async function judge(): Promise<LogJudge> {
  const { keys } = await (await call('GET', '/.well-known/eufm-audit-keys')).json<{ keys: { publicKey: string }[] }>();
  const publicKey = new Uint8Array(Buffer.from(keys[0]?.publicKey ?? '', 'base64'));
  return { sha256, verify: verifyEd25519, publicKeys: [publicKey] };
}

/** A tenant that made `count` budgets, and reads its own log. */
async function active(count: number) {
  const tenant = await mintTenant({ scopes: ['audit:read', 'policies:write'] });
  for (let at = 0; at < count; at++) {
    await done(tenant.headers, 'POST', '/v1/budgets', { name: `cap ${at}`, amountUsd: '1', period: 'month' });
  }
  return tenant;
}

async function exported(headers: Record<string, string>): Promise<LogLine[]> {
  const text = await (await send(headers, 'GET', '/v1/audit-logs/export')).text();
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
}

function verify(by: LogJudge, lines: readonly LogLine[]) {
  const verifier = new LogVerifier(by);
  for (const line of lines) verifier.take(line);
  return verifier.end();
}

describe('a minute after a change', () => {
  it('a signed checkpoint covers it, is in the bucket and in the API, and the export is verified by the public key', async () => {
    const { tenantId, headers } = await active(3);
    await runSchedule();
    const [checkpoint] = (await done<Checkpoints>(headers, 'GET', '/v1/audit-logs/checkpoints')).data;
    expect(checkpoint).toMatchObject({ size: 3, note: expect.stringContaining(`eufm.audit/eu/${tenantId}\n3\n`) });
    const stored = await testEnv.AUDIT_ANCHORS.get(`${tenantId}/0000000000000003`);
    expect(await stored?.text()).toBe(checkpoint?.note);
    const lines = await exported(headers);
    expect(lines.map(({ kind }) => kind)).toEqual(['log', 'entry', 'entry', 'entry', 'checkpoint']);
    const kept = [checkpoint?.note ?? ''];
    expect(verify({ ...(await judge()), kept }, lines)).toMatchObject({ first: 0, size: 3, compared: 1 });
  });

  it('each entry has a proof, which there is none of before', async () => {
    const { headers } = await active(2);
    const { data } = await done<{ data: { id: string }[] }>(headers, 'GET', '/v1/audit-logs');
    for (const { id } of data) {
      expect(await refused(headers, 'GET', `/v1/audit-logs/${id}/proof`)).toMatchObject({ code: 'conflict' });
    }
    await runSchedule();
    for (const entry of data) {
      const proof = await done<EntryProof>(headers, 'GET', `/v1/audit-logs/${entry.id}/proof`);
      expect(verifyEntryProof(await judge(), proof)).toBeNull();
      const { version: _, tenantId: __, ...shown } = JSON.parse(proof.entry);
      expect(shown).toEqual(entry);
      expect(await done(headers, 'GET', `/v1/audit-logs/${entry.id}`)).toEqual(entry);
    }
  });

  it('checkpoints are listed newest first, in pages; an earlier one is never replaced in the bucket', async () => {
    const { tenantId, headers } = await active(1);
    await runSchedule();
    const first = await (await testEnv.AUDIT_ANCHORS.get(`${tenantId}/0000000000000001`))?.text();
    await done(headers, 'POST', '/v1/budgets', { name: 'next', amountUsd: '1', period: 'month' });
    await runSchedule();
    const page = await done<Checkpoints>(headers, 'GET', '/v1/audit-logs/checkpoints?limit=1');
    expect(page).toMatchObject({ data: [{ size: 2 }], nextCursor: '2' });
    const rest = await done<Checkpoints>(headers, 'GET', '/v1/audit-logs/checkpoints?limit=1&cursor=2');
    expect(rest).toMatchObject({ data: [{ size: 1, note: first }], nextCursor: null });
    expect(await (await testEnv.AUDIT_ANCHORS.get(`${tenantId}/0000000000000001`))?.text()).toBe(first);
  });

  it('nothing is signed over a log that does not go on from what is in the bucket', async () => {
    const { tenantId, headers } = await active(2);
    await runSchedule();
    const sql = ownerSql();
    await sql.transaction([
      sql`set local session_replication_role = replica`,
      sql`delete from audit_nodes where tenant_id = ${tenantId}`,
      sql`delete from audit_checkpoints where tenant_id = ${tenantId}`,
      sql`delete from audit_trees where tenant_id = ${tenantId}`,
      sql`delete from audit_logs where tenant_id = ${tenantId}`,
    ]);
    await done(headers, 'POST', '/v1/budgets', { name: 'after', amountUsd: '1', period: 'month' });
    await runSchedule();
    expect((await done<Checkpoints>(headers, 'GET', '/v1/audit-logs/checkpoints')).data).toEqual([]);
  });

  it('a log of which nothing is covered yet exports as one of nothing, which is not verified', async () => {
    const { headers } = await active(1);
    const lines = await exported(headers);
    expect(lines).toMatchObject([{ kind: 'log', first: 0, edge: [] }]);
    expect(verify(await judge(), lines)).toMatchObject({
      problem: expect.stringContaining('no checkpoint yet'),
    });
  });

  it('an export says when an entry is missing', async () => {
    const { tenantId, headers } = await active(2);
    await runSchedule();
    const sql = ownerSql();
    await sql.transaction([
      sql`set local session_replication_role = replica`,
      sql`delete from audit_logs where tenant_id = ${tenantId} and metadata -> 'after' ->> 'name' = 'cap 1'`,
    ]);
    const lines = await exported(headers);
    expect(lines.at(-1)).toMatchObject({ kind: 'error' });
    expect(verify(await judge(), lines)).toMatchObject({ problem: expect.stringContaining('broke off') });
  });
});
