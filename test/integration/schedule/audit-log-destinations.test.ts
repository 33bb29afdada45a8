import { describe, expect, it } from 'vitest';
import type {
  AuditLogDestination,
  CreatedAuditLogDestination,
} from '../../../shared/contracts/http/audit-log-destinations.ts';
import { deliverySecret } from '../../../shared/crypto/seal-contexts.ts';
import { eventually } from '../../harness/eventually.ts';
import { mintTenant, ownerSql, testEnv } from '../../harness/mint-tenant.ts';
import { joinAs, mintPerson } from '../../harness/people.ts';
import { runSchedule } from '../../harness/run-schedule.ts';
import { done, refused, send } from '../../harness/send.ts';

const PATH = '/v1/audit-log-destinations';
const WEBHOOK = { kind: 'webhook', name: 'evidence', url: 'https://audit.example.com/checkpoints?of=acme' };
const BUCKET = {
  ...{ kind: 's3', name: 'bucket', url: 'https://s3.eu-central-1.amazonaws.com', region: 'eu-central-1' },
  ...{ bucket: 'audit-of-acme', accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'a-secret-access-key' },
};

const list = async (headers: Record<string, string>) =>
  (await done<{ data: AuditLogDestination[] }>(headers, 'GET', PATH)).data;

async function memberOf(tenantId: string, role: string) {
  const person = await mintPerson();
  await joinAs(person, tenantId, role);
  return person.in(tenantId);
}

describe('a destination of checkpoints', () => {
  it('is made, listed and removed; a webhook’s secret is shown once, a bucket’s never', async () => {
    const { tenantId, headers } = await mintTenant({ scopes: ['audit:read', 'tenants:write'] });
    const made = await done<CreatedAuditLogDestination>(headers, 'POST', PATH, WEBHOOK);
    expect(made).toMatchObject({ ...WEBHOOK, secret: expect.stringMatching(/^whsec_[A-Za-z0-9+/]{43}=$/) });
    const { secretAccessKey, ...shown } = BUCKET;
    const bucket = await done<CreatedAuditLogDestination>(headers, 'POST', PATH, BUCKET);
    expect(bucket).toMatchObject({ ...shown, secret: null });
    const { secret, ...listed } = made;
    expect(await list(headers)).toMatchObject([listed, shown]);
    const rows =
      await ownerSql()`select id, encrypted_secret as sealed from audit_log_destinations where tenant_id = ${tenantId} order by id`;
    for (const [at, plaintext] of [secret, secretAccessKey].entries()) {
      const { id, sealed } = rows[at] ?? {};
      expect(await testEnv.VAULT.open(deliverySecret(tenantId, id), sealed)).toEqual({ ok: true, value: plaintext });
    }
    const log = await (await send(headers, 'GET', '/v1/audit-logs')).text();
    expect(log).toContain('audit_log_destination.created');
    for (const text of [log, JSON.stringify(await list(headers)), JSON.stringify(bucket), JSON.stringify(rows)]) {
      for (const plaintext of [secret ?? '', secretAccessKey]) expect(text).not.toContain(plaintext);
    }
    expect(await refused(headers, 'POST', PATH, WEBHOOK)).toMatchObject({ status: 409, code: 'already_exists' });
    await done(headers, 'DELETE', `${PATH}/${made.id}`);
    expect(await list(headers)).toMatchObject([shown]);
  });

  it('is for owners and administrators to set, and for auditors to see', async () => {
    const { tenantId } = await mintTenant();
    const auditor = await memberOf(tenantId, 'auditor');
    expect(await list(auditor)).toEqual([]);
    expect((await send(auditor, 'POST', PATH, WEBHOOK)).status).toBe(403);
    expect((await send(await memberOf(tenantId, 'developer'), 'GET', PATH)).status).toBe(403);
    expect((await send(await memberOf(tenantId, 'admin'), 'POST', PATH, WEBHOOK)).status).toBe(201);
  });

  it('has a URL without a fragment, and a bucket’s without a query', async () => {
    const { headers } = await mintTenant({ scopes: ['tenants:write'] });
    const pointers = async (body: object) => (await refused(headers, 'POST', PATH, body)).errors?.map((e) => e.pointer);
    expect(await pointers({ ...WEBHOOK, url: 'https://audit.example.com/#a' })).toEqual(['/url']);
    expect(await pointers({ ...BUCKET, url: 'https://s3.example.com/?a' })).toEqual(['/url']);
    expect(await pointers({ ...WEBHOOK, url: 'https://user:password@audit.example.com/' })).toEqual(['/url']);
  });

  it('is delivered to by the schedule, and its state and its openings are there to be seen', async () => {
    const { headers } = await mintTenant({ scopes: ['audit:read', 'tenants:write'] });
    const { id } = await done<AuditLogDestination>(headers, 'POST', PATH, { ...WEBHOOK, url: testEnv.CLOSED_URL });
    expect((await list(headers))[0]?.delivery).toMatchObject({ newestSize: 0, deliveredSize: 0, nextTryAt: null });
    await runSchedule();
    expect((await list(headers))[0]?.delivery).toEqual({
      ...{ newestSize: 1, deliveredSize: 0, deliveredAt: null, failures: 1 },
      ...{ lastError: 'It could not be reached.', nextTryAt: expect.any(String) },
    });
    const opened = await eventually(
      () =>
        done<{ data: { targetId: string; actorUserId: string | null; actorApiKeyId: string | null }[] }>(
          headers,
          'GET',
          '/v1/audit-logs?action=audit_log_destination.opened',
        ),
      ({ data }) => data.length > 0,
    );
    expect(opened.data).toMatchObject([{ targetId: id, actorUserId: null, actorApiKeyId: null }]);
  });
});
