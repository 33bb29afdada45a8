import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { localPrimary, sealDirectly } from '../../../shared/crypto/direct-envelope.ts';
import { providerCredentials, signInContext, tenantSecret } from '../../../shared/crypto/seal-contexts.ts';
import { createLogger } from '../../../shared/platform/logger.ts';
import { memoryGates } from '../../../test/harness/kms/memory-gates.ts';
import { startAwsKms } from '../../../test/harness/kms/mock-aws-kms.ts';
import { REFUSAL_TOLD_MS, TENANT_KEY_MAX_AGE_MS } from '../constants.ts';
import { openKeyring } from '../kms/open-keyring.ts';
import { SealBox } from './seal-box.ts';

const READS = 10_000;
const SECRETS = 20;
const DENIED = { ok: false, error: { reason: 'key_denied' } };

let aws: Awaited<ReturnType<typeof startAwsKms>>;
beforeAll(async () => {
  aws = await startAwsKms();
});
afterAll(() => aws.close());
beforeEach(() => {
  aws.mode = 'works';
  aws.requests = 0;
});

const k1 = Buffer.alloc(32, 1).toString('base64');

/** An isolate of the vault, whose clock the test turns. */
async function isolate(
  keys: object = { aws: aws.key },
  world = memoryGates(),
  write: (level: string, line: string) => void = () => {},
) {
  const clock = { now: 1_000_000 };
  const json = JSON.stringify({ primary: Object.keys(keys)[0], keys });
  const keyring = await openKeyring(json, { fetch, now: () => new Date() });
  const logger = createLogger({ service: 'providers', level: 'error', write });
  const box = new SealBox({ keyring, gate: world.gate, logger, now: () => clock.now });
  return { box, clock, ...world };
}

const mint = () => crypto.randomUUID();
const placeOf = (tenantId: string, at: number) =>
  tenantSecret(tenantId, `00000000-0000-4000-8000-0000000000${10 + at}`);

async function sealMany({ box }: Awaited<ReturnType<typeof isolate>>, tenantId: string) {
  const places = Array.from({ length: SECRETS }, (_, at) => placeOf(tenantId, at));
  return Promise.all(places.map(async (place) => ({ place, sealed: await box.seal(place, 'a secret') })));
}

describe('S5: a KMS', () => {
  it('is asked once for a tenant in five minutes, however much is opened', { timeout: 60_000 }, async () => {
    const world = memoryGates();
    const [tenant, other] = [mint(), mint()];
    const writer = await isolate(undefined, world);
    const sealed = [...(await sealMany(writer, tenant)), ...(await sealMany(writer, other))];
    aws.requests = 0;
    const reader = await isolate(undefined, world);
    let opened = 0;
    for (let read = 0; read < READS; read += sealed.length) {
      const answers = await Promise.all(sealed.map(({ place, sealed }) => reader.box.open(place, sealed)));
      opened += answers.filter(({ ok }) => ok).length;
      reader.clock.now += Math.floor((TENANT_KEY_MAX_AGE_MS * sealed.length) / READS);
    }
    expect(opened).toBe(READS);
    expect(aws.requests).toBe(2);
    reader.clock.now += TENANT_KEY_MAX_AGE_MS;
    for (const { place, sealed: text } of sealed) expect((await reader.box.open(place, text)).ok).toBe(true);
    expect(aws.requests).toBe(4);
  });

  it('is asked once where a tenant’s first value is sealed, and where one is opened and another sealed at once', async () => {
    const world = memoryGates();
    const [place, other] = [placeOf(mint(), 0), placeOf(mint(), 1)];
    const sealed = await (await isolate(undefined, world)).box.seal(place, 'a secret');
    expect(aws.requests).toBe(1);
    aws.requests = 0;
    const { box } = await isolate(undefined, world);
    const [opened] = await Promise.all([box.open(place, sealed), box.seal({ ...place, rowId: other.rowId }, 'b')]);
    expect(opened).toEqual({ ok: true, value: 'a secret' });
    expect(aws.requests).toBe(1);
    await box.seal(other, 'another tenant’s');
    expect(aws.requests, 'control: another tenant’s key is asked for').toBe(2);
  });

  it('control: an isolate that remembers nothing asks each time', async () => {
    const world = memoryGates();
    const [first] = await sealMany(await isolate(undefined, world), mint());
    if (!first) throw new Error('nothing was sealed');
    aws.requests = 0;
    for (let read = 0; read < 10; read++) {
      await (await isolate(undefined, world)).box.open(first.place, first.sealed);
    }
    expect(aws.requests).toBe(10);
  });

  it('that denies the key ends opening within the age of what is remembered, and sealing too', async () => {
    const one = await isolate();
    const [first] = await sealMany(one, mint());
    if (!first) throw new Error('nothing was sealed');
    aws.mode = 'denies';
    one.clock.now += TENANT_KEY_MAX_AGE_MS;
    expect((await one.box.open(first.place, first.sealed)).ok).toBe(true);
    one.clock.now += 1;
    expect(await one.box.open(first.place, first.sealed)).toEqual(DENIED);
    await expect(one.box.seal(first.place, 'another')).rejects.toThrow('key_denied');
    await expect(one.box.seal(placeOf(mint(), 0), 'another tenant’s')).rejects.toThrow('key_denied');
  });
});

describe('F14: a KMS that is away for a minute', () => {
  it('refuses, is asked no more than once a second, and serves again when it is back', async () => {
    const one = await isolate();
    const [first] = await sealMany(one, mint());
    if (!first) throw new Error('nothing was sealed');
    one.clock.now += TENANT_KEY_MAX_AGE_MS + 1;
    aws.mode = 'breaks';
    aws.requests = 0;
    const outage = { ok: false, error: { reason: 'unavailable' } };
    for (let ms = 0; ms < 60_000; ms += 100) {
      expect(await one.box.open(first.place, first.sealed)).toEqual(outage);
      one.clock.now += 100;
    }
    expect(aws.requests).toBeLessThanOrEqual(60);
    aws.mode = 'works';
    one.clock.now += 1_001;
    expect(await one.box.open(first.place, first.sealed)).toEqual({ ok: true, value: 'a secret' });
  });
});

describe('the vault', () => {
  it('tells of each opening once, before the value is out, and not of a begun sign-in', async () => {
    const one = await isolate({ k1 });
    const tenantId = mint();
    const place = providerCredentials(tenantId, mint());
    const sealed = await one.box.seal(place, 'sk');
    expect(one.openings).toEqual([]);
    await one.box.open(place, sealed);
    await one.box.open(place, sealed);
    const told = one.openings.map((event) => JSON.parse(event));
    expect(told).toMatchObject([
      { type: 'secret.opened', targetType: 'provider_account', targetId: place.rowId },
      { type: 'secret.opened', targetType: 'provider_account', targetId: place.rowId },
    ]);
    expect(new Set(told.map(({ eventId }) => eventId)).size).toBe(2);
    const attempt = await one.box.seal(signInContext('state'), '{}');
    expect((await one.box.open(signInContext('state'), attempt)).ok).toBe(true);
    expect(one.openings).toHaveLength(2);
  });

  it('tells of each opening that it refuses, with the reason and for whom: of those alike, one in ten seconds', async () => {
    const one = await isolate();
    const by = { actorUserId: null, actorApiKeyId: mint(), requestId: mint() };
    const place = providerCredentials(mint(), mint());
    const sealed = await one.box.seal(place, 'sk');
    const elsewhere = { ...place, rowId: mint() };
    const told = () => one.openings.map((event) => JSON.parse(event));
    for (let times = 0; times < 5; times++) await one.box.open(elsewhere, sealed, by);
    expect(told()).toMatchObject([{ targetId: elsewhere.rowId, refusal: 'tampered_or_moved', by }]);
    await one.box.open(place, sealed.replace('"v":2', '"v":3'), by);
    one.clock.now += TENANT_KEY_MAX_AGE_MS + 1;
    aws.mode = 'breaks';
    await one.box.open(place, sealed);
    await one.box.open(elsewhere, sealed, by);
    expect(told().slice(1)).toMatchObject([
      { targetId: place.rowId, refusal: 'malformed', by },
      { targetId: place.rowId, refusal: 'unavailable' },
      { targetId: elsewhere.rowId, refusal: 'unavailable', by },
    ]);
    expect(told()[2]).not.toHaveProperty('by');
    aws.mode = 'works';
    one.clock.now += REFUSAL_TOLD_MS + 1;
    expect((await one.box.open(place, sealed, by)).ok).toBe(true);
    expect(told().at(-1)).not.toHaveProperty('refusal');
    await one.box.open(elsewhere, sealed, by);
    expect(told().at(-1)).toMatchObject({ refusal: 'tampered_or_moved' });
    expect(told()).toHaveLength(6);
  });

  it('refuses what it cannot tell of all the same, and tells of the next', async () => {
    const world = memoryGates();
    let isAway = true;
    const gate = (tenantId: string) => ({
      ...world.gate(tenantId),
      recordOpening: (event: string) =>
        isAway ? Promise.reject(new Error('the gate is away')) : world.gate(tenantId).recordOpening(event),
    });
    const one = await isolate({ k1 }, { ...world, gate });
    const place = providerCredentials(mint(), mint());
    const sealed = await one.box.seal(place, 'sk');
    const elsewhere = { ...place, rowId: mint() };
    expect(await one.box.open(elsewhere, sealed)).toMatchObject({ error: { reason: 'tampered_or_moved' } });
    isAway = false;
    await one.box.open(elsewhere, sealed);
    expect(world.openings).toHaveLength(1);
  });

  it('does not log the place of a sign-in that it refuses, which is whatever text somebody came back with', async () => {
    const lines: string[] = [];
    const one = await isolate({ k1 }, memoryGates(), (_, line) => lines.push(line));
    const attempt = await one.box.seal(signInContext('state'), '{}');
    expect(await one.box.open(signInContext('my diagnosis'), attempt)).toMatchObject({ ok: false });
    const place = providerCredentials(mint(), mint());
    expect(await one.box.open(place, attempt)).toMatchObject({ ok: false });
    expect(lines).toHaveLength(2);
    expect(lines.join()).not.toContain('my diagnosis');
    expect(lines[1], 'control: that of a row is logged').toContain(place.rowId);
  });

  it('lets no value out whose opening cannot be told', async () => {
    const world = memoryGates();
    const gate = (tenantId: string) => ({
      ...world.gate(tenantId),
      recordOpening: () => Promise.reject(new Error('the gate is away')),
    });
    const one = await isolate({ k1 }, { ...world, gate });
    const place = providerCredentials(mint(), mint());
    await expect(one.box.open(place, await one.box.seal(place, 'sk'))).rejects.toThrow('the gate is away');
  });

  it('makes one key of a tenant’s in however many isolates it first seals', async () => {
    const world = memoryGates();
    const isolates = await Promise.all(Array.from({ length: 5 }, () => isolate({ k1 }, world)));
    const tenantId = mint();
    const sealed = await Promise.all(isolates.map(({ box }, at) => box.seal(placeOf(tenantId, at), `secret ${at}`)));
    expect(new Set(sealed.map((text) => JSON.parse(text).key)).size).toBe(1);
    for (const [at, text] of sealed.entries()) {
      const opened = await isolates[(at + 1) % 5]?.box.open(placeOf(tenantId, at), text);
      expect(opened).toEqual({ ok: true, value: `secret ${at}` });
    }
  });

  it('opens what was sealed before tenants had keys, and seals it again under the tenant’s', async () => {
    const one = await isolate({ k1 });
    const kek = await localPrimary(JSON.stringify({ primary: 'k1', keys: { k1 } }));
    const place = providerCredentials(mint(), mint());
    const direct = await sealDirectly(kek, place, 'sk');
    expect(await one.box.open(place, direct)).toEqual({ ok: true, value: 'sk' });
    const again = await one.box.reseal(place, direct);
    if (!again.ok) throw new Error(again.error.reason);
    expect(JSON.parse(again.value)).toMatchObject({ v: 2 });
    const resealed = { targetType: 'provider_account', targetId: place.rowId };
    expect(one.openings.map((event) => JSON.parse(event))).toMatchObject([resealed, resealed]); // for it, it was opened
    expect(await one.box.open(place, again.value)).toEqual({ ok: true, value: 'sk' });
    expect(await one.box.reseal({ ...place, rowId: mint() }, direct)).toMatchObject({ ok: false });
  });

  it('wraps a tenant’s key by another key-encryption key, of whichever kind, and changes nothing that it sealed', async () => {
    const world = memoryGates();
    const tenantId = mint();
    const [first] = await sealMany(await isolate({ k1 }, world), tenantId);
    if (!first) throw new Error('nothing was sealed');
    const both = await isolate({ aws: aws.key, k1 }, world);
    expect(await both.box.rewrapKey(tenantId)).toEqual({ ok: true, value: { outcome: 'rewrapped', primary: 'aws' } });
    expect(await both.box.rewrapKey(tenantId)).toEqual({ ok: true, value: { outcome: 'current', primary: 'aws' } });
    expect(await both.box.rewrapKey(mint())).toEqual({ ok: true, value: { outcome: 'none', primary: 'aws' } });
    const without = await isolate({ aws: aws.key }, world);
    expect(await without.box.open(first.place, first.sealed)).toEqual({ ok: true, value: 'a secret' });
    const old = await isolate({ k1 }, world);
    expect(await old.box.open(first.place, first.sealed)).toMatchObject({ error: { reason: 'unknown_key' } });
  });

  it('neither opens nor seals for a tenant whose key was erased', async () => {
    const world = memoryGates();
    const tenantId = mint();
    const [first] = await sealMany(await isolate({ k1 }, world), tenantId);
    if (!first) throw new Error('nothing was sealed');
    await world.gate(tenantId).eraseTenantKey();
    const { box } = await isolate({ k1 }, world);
    expect(await box.open(first.place, first.sealed)).toMatchObject({ error: { reason: 'erased' } });
    await expect(box.seal(first.place, 'another')).rejects.toThrow('erased');
  });
});
