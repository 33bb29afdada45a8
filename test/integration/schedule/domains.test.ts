import { describe, expect, it } from 'vitest';
import type { Domain } from '../../../shared/contracts/http/domains.ts';
import {
  auditOf,
  claim,
  lookUpsOf,
  type Owned,
  ownedTenant,
  provenDomain,
  publish,
  someDomain,
} from '../../harness/domains.ts';
import { ownerSql } from '../../harness/mint-tenant.ts';
import { builtInRole, joinAs, mintPerson } from '../../harness/people.ts';
import { runJob } from '../../harness/run-job.ts';
import { done, refused, send } from '../../harness/send.ts';

const NOBODYS = '00000000-0000-4000-8000-0000000000ff';

const pathOf = ({ id }: Domain) => `/v1/domains/${id}`;
const look = ({ as }: Owned, domain: Domain) => done<Domain>(as, 'GET', pathOf(domain));
const verify = ({ as }: Owned, domain: Domain) => done<Domain>(as, 'POST', `${pathOf(domain)}/verify`);
const verifyRefused = ({ as }: Owned, domain: Domain) => refused(as, 'POST', `${pathOf(domain)}/verify`);
const actionsOf = async (tenant: Owned) => (await auditOf(tenant)).map(({ action }) => action);

describe('a domain', () => {
  it('is proven by its TXT record, and each step is audited once', async () => {
    const tenant = await ownedTenant();
    const name = someDomain();
    const claimed = await claim(tenant, name.toUpperCase());
    expect(claimed).toMatchObject({
      ...{ name, status: 'pending', defaultRoleId: null, verifiedAt: null, lastSeenAt: null },
      record: {
        type: 'TXT',
        name: `_eufm-challenge.${name}`,
        value: expect.stringMatching(/^eufm-verification=[\w-]{43}$/),
      },
    });
    const { record } = claimed;
    const missing = await verifyRefused(tenant, claimed);
    expect(missing).toMatchObject({ status: 409, code: 'domain_unproven', retry: 'later' });
    for (const told of [record.name, record.value, 'no TXT record']) expect(missing.detail).toContain(told);
    await publish(record.name, ['v=spf1 -all', `${record.value}x`]);
    expect((await verifyRefused(tenant, claimed)).detail).toContain('2 TXT record(s)');
    await publish(record.name, ['v=spf1 -all', record.value]);
    const verified = await verify(tenant, claimed);
    expect(verified).toMatchObject({ id: claimed.id, status: 'verified', verifiedAt: expect.any(String) });
    expect(await verify(tenant, claimed)).toMatchObject({ status: 'verified', verifiedAt: verified.verifiedAt });
    expect((await done<{ data: Domain[] }>(tenant.as, 'GET', '/v1/domains')).data).toMatchObject([{ id: claimed.id }]);
    await done(tenant.as, 'DELETE', pathOf(claimed));
    expect(await actionsOf(tenant)).toEqual(['domain.created', 'domain.verified', 'domain.deleted']);
    const [, entry] = await auditOf(tenant);
    expect(entry).toMatchObject({ target: claimed.id, metadata: { before: { status: 'pending' }, after: { name } } });
  });

  it('is stored as DNS has it, and is none where it cannot be one', async () => {
    const tenant = await ownedTenant();
    const label = crypto.randomUUID();
    expect(await claim(tenant, `Bücher.${label}.example.`)).toMatchObject({ name: `xn--bcher-kva.${label}.example` });
    const again = await refused(tenant.as, 'POST', '/v1/domains', { name: `bücher.${label}.example` });
    expect(again).toMatchObject({ status: 409, code: 'already_exists' });
    for (const name of [
      'com',
      'localhost',
      '127.0.0.1',
      '[::1]',
      'a@acme.com',
      'https://acme.com',
      '*.acme.com',
      ' ',
    ]) {
      const problem = await refused(tenant.as, 'POST', '/v1/domains', { name });
      expect(problem).toMatchObject({ status: 400, errors: [{ pointer: '/name' }] });
    }
    await ownerSql()`insert into domains (tenant_id, name, challenge)
      select ${tenant.tenantId}, n || '.example', 'x' from generate_series(2, 50) as n`;
    const full = await refused(tenant.as, 'POST', '/v1/domains', { name: someDomain() });
    expect(full).toMatchObject({ status: 409, code: 'conflict', detail: expect.stringContaining('50 domains') });
  });

  it('stays unproven while DNS cannot be asked', async () => {
    const tenant = await ownedTenant();
    const claimed = await claim(tenant, someDomain());
    await publish(claimed.record.name, 'fails');
    expect(await verifyRefused(tenant, claimed)).toMatchObject({ status: 503, code: 'unavailable', retry: 'after' });
    expect(await look(tenant, claimed)).toMatchObject({ status: 'pending' });
    await publish(claimed.record.name, [claimed.record.value]); // control
    expect(await verify(tenant, claimed)).toMatchObject({ status: 'verified' });
  });

  it('brings nobody in with a role that the tenant does not have, or that permits more than who sets it may do', async () => {
    const tenant = await ownedTenant();
    const admin = await mintPerson();
    await joinAs(admin, tenant.tenantId, 'admin');
    const as = admin.in(tenant.tenantId);
    const domain = await claim(tenant, someDomain());
    const [owner, viewer] = [await builtInRole('owner'), await builtInRole('viewer')];
    for (const [method, path, body] of [
      ['POST', '/v1/domains', { name: someDomain() }],
      ['PATCH', pathOf(domain), {}],
    ] as const) {
      const ask = (defaultRoleId: string) => refused(as, method, path, { ...body, defaultRoleId });
      expect(await ask(NOBODYS)).toMatchObject({ status: 400, errors: [{ pointer: '/defaultRoleId' }] });
      expect(await ask(owner)).toMatchObject({ status: 403, errors: [{ pointer: '/defaultRoleId' }] });
    }
    expect(await done(as, 'PATCH', pathOf(domain), { defaultRoleId: viewer })).toMatchObject({ defaultRoleId: viewer });
    expect(await done(as, 'PATCH', pathOf(domain), { defaultRoleId: null })).toMatchObject({ defaultRoleId: null });
  });
});

describe('a domain that another tenant holds', () => {
  it('looks like any other to who has not proven it', async () => {
    const [holder, other] = [await ownedTenant(), await ownedTenant()];
    const held = await provenDomain(holder);
    const free = someDomain();
    await publish(`_eufm-challenge.${free}`, ['eufm-verification=of-somebody']); // as a free one may have
    const seen = async (name: string) => {
      const answers: unknown[] = [];
      const claimed = await claim(other, name);
      for (const [method, path] of [
        ['POST', `${pathOf(claimed)}/verify`],
        ['GET', pathOf(claimed)],
        ['GET', '/v1/domains'],
        ['DELETE', pathOf(claimed)],
      ] as const) {
        const response = await send(other.as, method, path);
        answers.push([response.status, await response.text()]);
      }
      const text = JSON.stringify([claimed, answers]).replaceAll(/"instance\\?":\\?"[^"]+"/g, '');
      return [name, claimed.id, claimed.record.value, claimed.createdAt].reduce(
        (all, own) => all.replaceAll(own, '…'),
        text,
      );
    };
    expect(await seen(held.name)).toBe(await seen(free));
    expect(await look(holder, held)).toMatchObject({ status: 'verified' });
  });

  it('stays the holder’s while the holder’s record is there, and is who proves it’s when that is gone', async () => {
    const [holder, other] = [await ownedTenant(), await ownedTenant()];
    const held = await provenDomain(holder);
    const claimed = await claim(other, held.name);
    await publish(held.record.name, [held.record.value, claimed.record.value]);
    expect(await verifyRefused(other, claimed)).toMatchObject({ status: 409, code: 'conflict' });
    expect(await look(holder, held)).toMatchObject({ status: 'verified' });
    await publish(held.record.name, [claimed.record.value]);
    expect(await verify(other, claimed)).toMatchObject({ status: 'verified' });
    expect(await look(holder, held)).toMatchObject({ status: 'pending', verifiedAt: null });
    expect(await verifyRefused(holder, held)).toMatchObject({ code: 'domain_unproven' });
    for (const unverified of [1, 0]) {
      expect((await runJob('verify-domains', { tenantId: holder.tenantId }))?.result).toMatchObject({ unverified });
    }
    expect(await actionsOf(holder)).toEqual(['domain.created', 'domain.verified', 'domain.unverified']);
    expect((await auditOf(holder))[2]).toMatchObject({ target: held.id, metadata: { reason: 'taken_over' } });
    expect(JSON.stringify(await auditOf(holder))).not.toContain(other.tenantId);
  });

  it('is one tenant’s only, of those that prove it at once', async () => {
    const tenants = await Promise.all(Array.from({ length: 4 }, () => ownedTenant()));
    const name = someDomain();
    const claims = await Promise.all(tenants.map((tenant) => claim(tenant, name)));
    await publish(
      `_eufm-challenge.${name}`,
      claims.map(({ record }) => record.value),
    );
    const answers = await Promise.all(
      tenants.map(({ as }, at) => send(as, 'POST', `/v1/domains/${claims[at]?.id}/verify`)),
    );
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 409, 409, 409]);
  });

  it('is free again when the holder removes it', async () => {
    const [holder, other] = [await ownedTenant(), await ownedTenant()];
    const held = await provenDomain(holder);
    const claimed = await claim(other, held.name);
    await publish(held.record.name, [held.record.value, claimed.record.value]);
    await done(holder.as, 'DELETE', pathOf(held));
    expect(await verify(other, claimed)).toMatchObject({ status: 'verified' });
  });
});

describe('the daily check of domains', () => {
  const check = async ({ tenantId }: Owned) => (await runJob('verify-domains', { tenantId }))?.result;
  const age = ({ id }: Domain, days: number) =>
    ownerSql()`update verified_domains set seen_at = seen_at - make_interval(days => ${days}) where domain_id = ${id}`;

  it('sees records that are there, takes domains whose record is gone for a week, and leaves what it cannot know', async () => {
    const tenant = await ownedTenant();
    const [there, gone, failing] = [await provenDomain(tenant), await provenDomain(tenant), await provenDomain(tenant)];
    await claim(tenant, someDomain()); // is not looked at
    await publish(gone.record.name, []);
    await publish(failing.record.name, 'fails');
    for (const domain of [there, gone, failing]) await age(domain, 6);
    expect(await check(tenant)).toEqual({ seen: 1, missing: 1, unverified: 0, unknown: 1 });
    expect(await look(tenant, gone)).toMatchObject({ status: 'verified' });
    for (const domain of [there, gone, failing]) await age(domain, 1);
    expect(await check(tenant)).toEqual({ seen: 1, missing: 0, unverified: 1, unknown: 1 });
    expect(await look(tenant, gone)).toMatchObject({ status: 'pending', verifiedAt: null });
    expect(await look(tenant, failing)).toMatchObject({ status: 'verified' });
    expect(await look(tenant, there)).toMatchObject({ status: 'verified' });
    const entries = (await auditOf(tenant)).filter(({ action }) => action === 'domain.unverified');
    expect(entries).toMatchObject([{ target: gone.id, metadata: { reason: 'record_gone' } }]);
    await publish(gone.record.name, [gone.record.value]);
    expect(await verify(tenant, gone)).toMatchObject({ status: 'verified' });
    expect(await check(tenant)).toEqual({ seen: 2, missing: 0, unverified: 0, unknown: 1 });
  });

  it('goes through all of a tenant’s domains, and through every tenant’s', async () => {
    const tenant = await ownedTenant();
    const domains: Domain[] = [];
    for (let count = 0; count < 12; count++) domains.push(await provenDomain(tenant));
    expect(await check(tenant)).toMatchObject({ seen: 12 });
    const asked = await Promise.all(domains.map(({ record }) => lookUpsOf(record.name)));
    expect(asked).toEqual(domains.map(() => 2)); // once to verify it, once by the check
    const job = await runJob('verify-domains', {});
    expect(job).toMatchObject({ status: 'succeeded' });
    for (const { record } of domains) expect(await lookUpsOf(record.name)).toBe(3);
  });
});
