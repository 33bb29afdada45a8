import { createPrivateKey, generateKeyPairSync, sign } from 'node:crypto';
import { SignatureV4 } from '@smithy/signature-v4';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { verifyEd25519 } from '../../../shared/crypto/ed25519.ts';
import { deliverySecret } from '../../../shared/crypto/seal-contexts.ts';
import { sha256 } from '../../../shared/crypto/sha256.ts';
import { newWebhookSecret } from '../../../shared/crypto/webhook-signature.ts';
import { createDatabase } from '../../../shared/db/client.ts';
import { type StatementRunner, statementsOver } from '../../../shared/db/statement-runner.ts';
import { createLogger, type Logger } from '../../../shared/platform/logger.ts';
import { publicFetch } from '../../../shared/platform/public-fetch.ts';
import { retryAfterMs } from '../../../shared/providers/http/retry-after.ts';
import {
  type DeliveryPorts,
  deliverCheckpoints,
  listDueDestinations,
} from '../../../shared/services/deliver-checkpoints.ts';
import { sealAuditLog } from '../../../shared/services/seal-audit-log.ts';
import { deliverAuditCheckpoints } from '../../../workers/ledger/jobs/deliver-audit-checkpoints.ts';
import { openKeyring } from '../../../workers/providers/kms/open-keyring.ts';
import { SealBox } from '../../../workers/providers/vault/seal-box.ts';
import { type CheckpointReceiver, startCheckpointReceiver } from '../../harness/checkpoint-receiver.ts';
import { Sha256 } from '../../harness/kms/aws-hash.ts';
import { memoryGates } from '../../harness/kms/memory-gates.ts';
import { memoryAnchors } from '../../harness/memory-anchors.ts';
import { createTestDatabase } from '../../harness/postgres.ts';
import { isSignedWebhook } from '../../harness/verify-webhook.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

let database: Awaited<ReturnType<typeof createTestDatabase>>;
let owner: pg.Client;
let ledger: StatementRunner;
let vault: SealBox;

const pair = generateKeyPairSync('ed25519');
const signer = createPrivateKey(pair.privateKey.export({ type: 'pkcs8', format: 'pem' }));
const publicKey = new Uint8Array(Buffer.from(pair.publicKey.export({ format: 'jwk' }).x ?? '', 'base64url'));
const logger = createLogger({ service: 'test', level: 'error', write: () => {} });

beforeAll(async () => {
  database = await createTestDatabase();
  owner = new pg.Client({ connectionString: database.url });
  await owner.connect();
  const { ledgerUrl, neonEndpoint } = database;
  ledger = statementsOver(createDatabase({ databaseUrl: ledgerUrl, neonEndpoint }));
  const keys = { primary: 'k1', keys: { k1: Buffer.alloc(32, 1).toString('base64') } };
  const keyring = await openKeyring(JSON.stringify(keys), { fetch, now: () => new Date() });
  vault = new SealBox({ keyring, gate: memoryGates().gate, logger, now: () => Date.now() });
});

afterAll(async () => {
  await owner?.end();
  await database?.close();
});

/** A tenant with one destination, and a clock that the test turns. */
async function world(url: string, bucket: object = {}, secret = newWebhookSecret()) {
  const [tenantId, id] = [crypto.randomUUID(), crypto.randomUUID()];
  await owner.query("insert into tenants (id, name, slug, region) values ($1::uuid, 'T', $1::text, 'eu')", [tenantId]);
  const row = {
    kind: 'webhook',
    url,
    ...bucket,
    encrypted_secret: await vault.seal(deliverySecret(tenantId, id), secret),
  };
  await owner.query(
    `insert into audit_log_destinations
       (tenant_id, id, name, kind, url, bucket, region, access_key_id, encrypted_secret, next_try_at)
     select $1, $2, 'd', kind, url, bucket, region, access_key_id, encrypted_secret, 'epoch'
     from jsonb_populate_record(null::audit_log_destinations, $3)`,
    [tenantId, id, row],
  );
  const clock = { now: Date.now() };
  const ports: DeliveryPorts & { readonly logger: Logger } = {
    ...{ statements: ledger, vault, logger, random: () => 0.5, now: () => new Date(clock.now) },
    fetch: publicFetch(fetch, true),
    retryAfterMs,
  };
  return {
    ...{ tenantId, id, secret, clock, ports, anchors: memoryAnchors() },
    run: (changed: Partial<typeof ports> = {}) =>
      deliverCheckpoints({ ...ports, ...changed }, { tenantId, id }, clock.now + MINUTE_MS),
    async state() {
      const { rows } = await owner.query(
        `select newest_size::int as newest, delivered_size::int as delivered, failures, last_error as error,
           (extract(epoch from next_try_at) * 1000)::float8 as next
         from audit_log_destinations where id = $1`,
        [id],
      );
      return rows[0];
    },
  };
}

type World = Awaited<ReturnType<typeof world>>;

/** Writes an entry, and signs a checkpoint that covers it; answers its size. */
async function checkpoint({ tenantId, anchors }: World, action = 'budget.created'): Promise<number> {
  await owner.query(`insert into audit_logs (tenant_id, action, target_type) values ($1, $2, 't')`, [tenantId, action]);
  const sealed = await sealAuditLog(
    {
      ...{ statements: ledger, anchors, sha256, verify: verifyEd25519, publicKeys: [publicKey], region: 'eu' },
      sign: async (message: Uint8Array) => new Uint8Array(sign(null, message, signer)),
    },
    tenantId,
  );
  if (!sealed.ok) throw new Error(sealed.error);
  return sealed.value.size;
}

const sizesIn = ({ received }: CheckpointReceiver) => received.map(({ body }) => Number(body.split('\n')[1]));

describe('a webhook', () => {
  it('gets each checkpoint once, in order, as a note that is signed by Standard Webhooks', async () => {
    await using receiver = await startCheckpointReceiver();
    const one = await world(`${receiver.url}/hook?of=acme`);
    await checkpoint(one);
    await checkpoint(one);
    expect(await one.run()).toEqual({ kind: 'delivered', count: 2 });
    await checkpoint(one);
    expect(await one.run()).toEqual({ kind: 'delivered', count: 1 });
    expect(await one.run()).toEqual({ kind: 'taken' });
    expect(sizesIn(receiver)).toEqual([1, 2, 3]);
    for (const { method, path, headers, body } of receiver.received) {
      const size = Number(body.split('\n')[1]);
      expect([method, path, headers['content-type']]).toEqual(['POST', '/hook?of=acme', 'text/plain; charset=utf-8']);
      expect(body).toBe(one.anchors.notes.get(one.tenantId)?.get(size));
      expect(headers['webhook-id']).toBe(`checkpoint-${one.tenantId}-${size}`);
      expect(isSignedWebhook(one.secret, headers, body)).toBe(true);
      expect(isSignedWebhook(one.secret, headers, body.replace('eufm.audit', 'eufm.audi7'))).toBe(false);
    }
    expect(await one.state()).toMatchObject({ newest: 3, delivered: 3, failures: 0, error: null });
  });

  it('that is down loses nothing: all comes when it is up again, in order, after pauses that grow', async () => {
    await using receiver = await startCheckpointReceiver();
    const one = await world(receiver.url);
    receiver.answer = { status: 503 };
    const waits: number[] = [];
    for (let attempt = 0; attempt < 9; attempt++) {
      await checkpoint(one);
      expect(await one.run()).toEqual({ kind: 'failed', reason: 'It answered 503.' });
      const { next, failures, delivered } = await one.state();
      expect([failures, delivered]).toEqual([attempt + 1, 0]);
      waits.push(Math.round(next - one.clock.now));
      expect(await one.run()).toEqual({ kind: 'taken' });
      one.clock.now = Math.ceil(next);
    }
    expect(waits).toEqual([0.25, 0.5, 1, 2, 4, 8, 16, 30, 30].map((minutes) => minutes * MINUTE_MS));
    receiver.answer = { status: 204 };
    receiver.received.length = 0;
    expect(await one.run()).toEqual({ kind: 'delivered', count: 9 });
    expect(sizesIn(receiver)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it('is left alone for as long as it asks', async () => {
    await using receiver = await startCheckpointReceiver();
    const one = await world(receiver.url);
    receiver.answer = { status: 429, headers: { 'retry-after': '7200' } };
    await checkpoint(one);
    await one.run();
    expect((await one.state()).next - one.clock.now).toBeGreaterThanOrEqual(2 * HOUR_MS);
  });

  it('control: a network that says it was taken when it was not is found out by what is missing', async () => {
    await using receiver = await startCheckpointReceiver();
    const one = await world(receiver.url);
    await checkpoint(one);
    await one.run({ fetch: async () => new Response(null, { status: 200 }) });
    await checkpoint(one);
    await one.run();
    expect(sizesIn(receiver)).not.toEqual([1, 2]);
  });

  it('W7: gets what a run had sent and not noted again, with the same id: its dedupe gives one effect', async () => {
    await using receiver = await startCheckpointReceiver();
    const one = await world(receiver.url);
    await checkpoint(one);
    await checkpoint(one);
    const dying: StatementRunner = {
      ...ledger,
      asTenant: (tenantId, statements) =>
        receiver.received.length > 0
          ? Promise.reject(new Error('the run died'))
          : ledger.asTenant(tenantId, statements),
    };
    await expect(one.run({ statements: dying })).rejects.toThrow('the run died');
    expect(await one.run()).toEqual({ kind: 'taken' });
    one.clock.now += 2 * MINUTE_MS;
    expect(await one.run()).toEqual({ kind: 'delivered', count: 2 });
    expect(sizesIn(receiver)).toEqual([1, 1, 2]);
    const ids = receiver.received.map(({ headers }) => headers['webhook-id']);
    expect(new Set(ids).size).toBe(2);
    expect(ids[0]).toBe(ids[1]);
  });

  it('gets each once from two runs at the same time', async () => {
    await using receiver = await startCheckpointReceiver();
    const one = await world(receiver.url);
    await checkpoint(one);
    const outcomes = await Promise.all([one.run(), one.run()]);
    expect(outcomes.map(({ kind }) => kind).sort()).toEqual(['delivered', 'taken']);
    expect(sizesIn(receiver)).toEqual([1]);
  });

  it('that redirects is not followed', async () => {
    await using receiver = await startCheckpointReceiver();
    await using other = await startCheckpointReceiver();
    const one = await world(receiver.url);
    await checkpoint(one);
    for (const status of [301, 302, 303, 307, 308]) {
      receiver.answer = { status, headers: { location: other.url } };
      expect(await one.run()).toEqual({ kind: 'failed', reason: `It answered ${status}.` });
      one.clock.now += HOUR_MS;
    }
    expect([receiver.received.length, other.received.length]).toEqual([5, 0]);
    await fetch(receiver.url, { method: 'POST' });
    expect(other.received.length, 'control: who follows gets there').toBe(1);
  });

  it('I6: at a private address is sent nothing, whatever stands in its row', async () => {
    await using receiver = await startCheckpointReceiver();
    const one = await world(receiver.url);
    await checkpoint(one);
    const asDeployed = { fetch: publicFetch(fetch, false) };
    expect(await one.run(asDeployed)).toEqual({ kind: 'failed', reason: 'Its URL is not allowed.' });
    expect(receiver.received).toEqual([]);
    one.clock.now += HOUR_MS;
    expect(await one.run(), 'control: a development may').toEqual({ kind: 'delivered', count: 1 });
  });

  it('that cannot be reached, or whose secret cannot be opened, is tried again', async () => {
    const receiver = await startCheckpointReceiver();
    const one = await world(receiver.url);
    await receiver[Symbol.asyncDispose]();
    await checkpoint(one);
    expect(await one.run()).toEqual({ kind: 'failed', reason: 'It could not be reached.' });
    one.clock.now += HOUR_MS;
    const refusing = { open: async () => ({ ok: false, error: { reason: 'unavailable' } }) as const };
    const reason = 'Its secret cannot be opened (unavailable).';
    expect(await one.run({ vault: refusing })).toEqual({ kind: 'failed', reason });
    expect(await one.state()).toMatchObject({ delivered: 0, failures: 2, error: reason });
  });
});

describe('a bucket', () => {
  it('gets each checkpoint as an object, in a request that AWS’s own signer would sign alike', async () => {
    await using receiver = await startCheckpointReceiver();
    const bucket = { kind: 's3', bucket: 'audit-of-acme', region: 'eu-central-1', access_key_id: 'AKIDEXAMPLE' };
    const one = await world(`${receiver.url}/storage/v1/`, bucket, 'the secret access key');
    await checkpoint(one);
    expect(await one.run()).toEqual({ kind: 'delivered', count: 1 });
    const [{ method, path, headers, body } = { method: '', path: '', headers: {}, body: '' }] = receiver.received;
    expect([method, path]).toEqual(['PUT', `/storage/v1/audit-of-acme/${one.tenantId}/0000000000000001`]);
    expect(body).toBe(one.anchors.notes.get(one.tenantId)?.get(1));
    const names = /SignedHeaders=([^,]+)/.exec(headers.authorization ?? '')?.[1]?.split(';') ?? [];
    const theirs = await new SignatureV4({
      ...{ service: 's3', region: 'eu-central-1', uriEscapePath: false, applyChecksum: false, sha256: Sha256 },
      credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'the secret access key' },
    }).sign(
      {
        ...{ method, path, body, protocol: 'http:', hostname: new URL(receiver.url).hostname, query: {} },
        headers: Object.fromEntries(names.map((name) => [name, headers[name] ?? ''])),
      },
      { signingDate: new Date(one.clock.now) },
    );
    expect(headers.authorization).toBe(theirs.headers.authorization);
  });
});

describe('the schedule', () => {
  it('delivers to every destination that is due, whosever it is, and one that fails holds up no other', async () => {
    await using receiver = await startCheckpointReceiver();
    const worlds = await Promise.all([receiver.url, 'http://127.0.0.1:1', receiver.url].map((url) => world(url)));
    const sizes = await Promise.all(worlds.map((each) => checkpoint(each)));
    const [first] = worlds;
    if (!first) throw new Error('there is one');
    first.clock.now += HOUR_MS;
    await deliverAuditCheckpoints(first.ports);
    const states = await Promise.all(worlds.map(({ state }) => state()));
    expect(states.map(({ delivered }) => delivered)).toEqual([sizes[0], 0, sizes[2]]);
    const due = await listDueDestinations(first.ports);
    expect(due.filter(({ id }) => worlds.some((each) => each.id === id))).toEqual([]);
  });

  it('is not set off by what deliveries themselves are told of: that goes with the next checkpoint', async () => {
    await using receiver = await startCheckpointReceiver();
    const one = await world(receiver.url);
    await checkpoint(one);
    await one.run();
    await checkpoint(one, 'audit_log_destination.opened');
    expect(await one.run()).toEqual({ kind: 'taken' });
    await checkpoint(one, 'audit_log_destination.deleted');
    expect(await one.run()).toEqual({ kind: 'delivered', count: 2 });
    expect(sizesIn(receiver)).toEqual([1, 2, 3]);
  });
});
