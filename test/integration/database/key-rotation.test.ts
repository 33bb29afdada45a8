import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { readRotation } from '../../../scripts/keys/rotate.ts';
import { statementsOn } from '../../../scripts/ledger/statements-on.ts';
import { localPrimary, sealDirectly } from '../../../shared/crypto/direct-envelope.ts';
import type { KeyringText } from '../../../shared/crypto/keyring.ts';
import { clientSecret, providerCredentials, tenantSecret } from '../../../shared/crypto/seal-contexts.ts';
import { createDatabase, type Database } from '../../../shared/db/client.ts';
import { type StatementRunner, statementsOver } from '../../../shared/db/statement-runner.ts';
import { createLogger } from '../../../shared/platform/logger.ts';
import type { ChangeContext } from '../../../shared/services/change-configuration.ts';
import { createSecret } from '../../../shared/services/create-secret.ts';
import { enqueueJob } from '../../../shared/services/enqueue-job.ts';
import { listJobs } from '../../../shared/services/list-jobs.ts';
import { updateSecret } from '../../../shared/services/update-secret.ts';
import type { JobPorts } from '../../../workers/ledger/jobs/job.ts';
import { rewrapKeysStep } from '../../../workers/ledger/jobs/rewrap-keys.ts';
import { runJobs } from '../../../workers/ledger/jobs/run-jobs.ts';
import { PLATFORM_ID } from '../../../workers/providers/constants.ts';
import { openKeyring } from '../../../workers/providers/kms/open-keyring.ts';
import { SealBox } from '../../../workers/providers/vault/seal-box.ts';
import { memoryGates } from '../../harness/kms/memory-gates.ts';
import { memoryArchive } from '../../harness/memory-archive.ts';
import { createTestDatabase } from '../../harness/postgres.ts';

const TENANTS = 15;
const SECRETS = 4;
/** Before the hour of any job of the day. */
const EARLY = new Date('2027-01-10T00:30:00Z');
const LATER = new Date('2027-01-10T00:40:00Z');

let database: Awaited<ReturnType<typeof createTestDatabase>>;
let owner: pg.Pool;
let app: Database;
let statements: StatementRunner;
beforeAll(async () => {
  database = await createTestDatabase();
  owner = new pg.Pool({ connectionString: database.url });
  // The pool's end does not wait for its connections, so that the server may end one that is on its way out.
  owner.on('error', () => {}).on('connect', (client) => client.on('error', () => {}));
  const { neonEndpoint } = database;
  app = createDatabase({ databaseUrl: database.appUrl, neonEndpoint });
  statements = statementsOver(createDatabase({ databaseUrl: database.ledgerUrl, neonEndpoint }));
});
afterAll(async () => {
  await owner.end();
  await database.close();
});
beforeEach(async () => {
  await owner.query('delete from jobs');
});

const randomKey = () => randomBytes(32).toString('base64');
const [K1, K2] = [randomKey(), randomKey()];
const BEFORE = { primary: 'k1', keys: { k1: K1 } };
const PUBLISHED = { primary: 'k1', keys: { k1: K1, k2: K2 } };
const PROMOTED = { primary: 'k2', keys: { k1: K1, k2: K2 } };
const RETIRED = { primary: 'k2', keys: { k2: K2 } };

type World = ReturnType<typeof memoryGates>;

const silent = () => createLogger({ service: 'test', level: 'error', write: () => {} });

/** A new isolate of the vault, with the keyring that it was deployed with. */
async function isolate(ring: KeyringText, { gate }: World): Promise<SealBox> {
  const keyring = await openKeyring(JSON.stringify(ring), { fetch, now: () => new Date() });
  return new SealBox({ keyring, gate, logger: silent(), now: () => Date.now() });
}

async function mint(): Promise<string> {
  const tenantId = randomUUID();
  await owner.query("insert into tenants (id, name, slug, region) values ($1::uuid, 'T', $1::text, 'eu')", [tenantId]);
  return tenantId;
}

function by(tenantId: string): ChangeContext {
  const actor = { kind: 'api_key', apiKeyId: randomUUID() } as const;
  return { db: app, tenantId, actor, requestId: randomUUID(), ip: null, userAgent: null };
}

const sealer = (box: SealBox, tenantId: string) => (id: string, text: string) =>
  box.seal(tenantSecret(tenantId, id), text);

async function fill(world: World, box: SealBox): Promise<string[]> {
  await box.seal({ ...tenantSecret('', 'x'), purpose: 'sign_in_attempt' }, '{}');
  const tenants = await Promise.all(Array.from({ length: TENANTS }, mint));
  for (const tenantId of tenants) {
    for (let at = 0; at < SECRETS; at++) {
      const made = await createSecret(by(tenantId), sealer(box, tenantId), {
        name: `s${at}`,
        value: `${tenantId} ${at}`,
      });
      if (!made.ok) throw new Error(made.error.reason);
    }
  }
  expect(world.keys.size).toBe(TENANTS + 1);
  return tenants;
}

const rowsOf = async (tenantId: string) =>
  (
    await owner.query<{ id: string; name: string; sealed: string }>(
      'select id, name, encrypted_value as sealed from secrets where tenant_id = $1 order by name',
      [tenantId],
    )
  ).rows;

/** Whether each value of a tenant's opens to what was kept; a value that is replaced keeps its beginning. */
async function readAll(box: SealBox, tenantId: string): Promise<boolean[]> {
  const rows = await rowsOf(tenantId);
  return Promise.all(
    rows.map(async ({ id, sealed }) => {
      const opened = await box.open(tenantSecret(tenantId, id), sealed);
      return opened.ok && opened.value.startsWith(tenantId);
    }),
  );
}

function portsOf(vault: JobPorts['vault'], now = () => EARLY): JobPorts {
  const unused = () => Promise.reject(new Error('this job asks neither a gate nor DNS'));
  return {
    ...{ statements, vault, archive: memoryArchive(), now, pause: async () => {}, logger: silent() },
    gate: () => ({ standing: unused }),
    lookUpTxt: unused,
  };
}

const keksOf = ({ keys }: World) =>
  [...keys.values()].map((reply) => (reply.state === 'stored' ? reply.key.kek : reply.state));

/** Reads and writes without a pause, as long as `isOver` says no. Answers how it went. */
async function load(tenants: readonly string[], boxes: () => SealBox, isOver: () => boolean) {
  const outcome = { requests: 0, errors: 0, startedAt: performance.now(), rate: 0 };
  const work = async (lane: number) => {
    for (let turn = lane; !isOver(); turn += 4) {
      const tenantId = tenants[turn % tenants.length] ?? '';
      try {
        if (turn % 3 === 0) {
          const [first] = await rowsOf(tenantId);
          const value = `${tenantId} again ${turn}`;
          const updated = await updateSecret(by(tenantId), sealer(boxes(), tenantId), first?.id ?? '', { value });
          if (!updated.ok) outcome.errors += 1;
          outcome.requests += 1;
        } else {
          const opened = await readAll(boxes(), tenantId);
          outcome.errors += opened.filter((isGood) => !isGood).length;
          outcome.requests += opened.length;
        }
      } catch {
        outcome.errors += 1;
      }
    }
  };
  await Promise.all([0, 1, 2, 3].map(work));
  outcome.rate = (outcome.requests * 1_000) / (performance.now() - outcome.startedAt);
  return outcome;
}

describe('S3: rotating the key-encryption key', () => {
  it('while a hundred a second read and write: no error, all rewrapped, and the old key is not missed', async () => {
    const world = memoryGates();
    const tenants = await fill(world, await isolate(BEFORE, world));
    const fleet = [await isolate(BEFORE, world), await isolate(BEFORE, world)];
    let turn = 0;
    let isOver = false;
    const loading = load(
      tenants,
      () => fleet[turn++ % fleet.length] as SealBox,
      () => isOver,
    );
    try {
      // Each isolate gets the next keyring on its own, so that old and new serve side by side.
      for (const ring of [PUBLISHED, PROMOTED]) {
        for (const at of fleet.keys()) fleet[at] = await isolate(ring, world);
      }
      await enqueueJob({ statements, kind: 'rewrap-keys' });
      await runJobs(portsOf(await isolate(PROMOTED, world)), EARLY);
      for (const at of fleet.keys()) fleet[at] = await isolate(RETIRED, world);
      const all = await Promise.all(tenants.map(async (tenantId) => readAll(await isolate(RETIRED, world), tenantId)));
      expect(all.flat()).toEqual(Array(TENANTS * SECRETS).fill(true));
    } finally {
      isOver = true;
    }
    const { requests, errors, rate } = await loading;
    expect(errors).toBe(0);
    expect(requests).toBeGreaterThan(100);
    expect(rate).toBeGreaterThan(100);
    expect(new Set(keksOf(world))).toEqual(new Set(['k2']));
    const [job] = await listJobs({ statements });
    expect(job).toMatchObject({
      status: 'succeeded',
      result: { primary: 'k2', rewrapped: TENANTS + 1, refused: 0, refusals: [] },
    });
  });

  it('control: without the rewrapping, the old key is missed', async () => {
    const world = memoryGates();
    const [tenantId = ''] = await fill(world, await isolate(BEFORE, world));
    expect(await readAll(await isolate(RETIRED, world), tenantId)).toEqual(Array(SECRETS).fill(false));
  });

  it('leaves what was sealed as it was, byte by byte', async () => {
    const world = memoryGates();
    const tenants = await fill(world, await isolate(BEFORE, world));
    const before = await Promise.all(tenants.map(rowsOf));
    await enqueueJob({ statements, kind: 'rewrap-keys' });
    await runJobs(portsOf(await isolate(PROMOTED, world)), EARLY);
    expect(keksOf(world).every((kek) => kek === 'k2')).toBe(true);
    expect(await Promise.all(tenants.map(rowsOf))).toEqual(before);
  });

  it('that is stopped at any point goes on from there, and does nothing twice', async () => {
    const world = memoryGates();
    await fill(world, await isolate(BEFORE, world));
    const box = await isolate(PROMOTED, world);
    await enqueueJob({ statements, kind: 'rewrap-keys' });
    let [rewraps, crashes] = [0, 0];
    for (const [after, before] of [
      [1, true],
      [2, false],
      [3, true],
      [1, false],
    ] as const) {
      let left = after;
      let isDead = false;
      const crash = () => {
        crashes += 1;
        isDead = true;
        throw new Error('the process is ended here');
      };
      const vault: JobPorts['vault'] = {
        reseal: (...asked) => box.reseal(...asked),
        async rewrapKey(tenantId) {
          if (before && left-- === 0) crash();
          const done = await box.rewrapKey(tenantId);
          if (done.ok && done.value.outcome === 'rewrapped') rewraps += 1;
          if (!before && left-- === 0) crash();
          return done;
        },
      };
      await runJobs(
        portsOf(vault, () => (isDead ? LATER : EARLY)),
        EARLY,
      );
    }
    expect(crashes).toBe(4);
    expect(new Set(keksOf(world)).size).toBe(2);
    await runJobs(portsOf(box), EARLY);
    expect(new Set(keksOf(world))).toEqual(new Set(['k2']));
    expect((await listJobs({ statements }))[0]).toMatchObject({ status: 'succeeded', result: { refused: 0 } });
    expect(rewraps).toBeLessThan(TENANTS + 1);
  });

  it('names a key that cannot be unwrapped, and does not stop at it; a KMS that is away stops it', async () => {
    const world = memoryGates();
    const [broken = ''] = await fill(world, await isolate(BEFORE, world));
    world.keys.set(broken, {
      state: 'stored',
      key: { id: randomUUID(), kek: 'k1', wrapped: 'AAAAAAAAAAAAAAAAAAAAAAAA' },
    });
    await enqueueJob({ statements, kind: 'rewrap-keys' });
    await runJobs(portsOf(await isolate(PROMOTED, world)), EARLY);
    const [job] = await listJobs({ statements });
    const refusals = [{ tenantId: broken, reason: 'tampered_or_moved' }];
    expect(job).toMatchObject({ status: 'succeeded', result: { rewrapped: TENANTS, refused: 1, refusals } });
    const away = async () => ({ ok: false as const, error: { reason: 'unavailable' as const } });
    const ports = portsOf({ rewrapKey: away, reseal: away });
    await expect(rewrapKeysStep(ports, { id: 'j', input: {}, progress: {} })).rejects.toThrow('not available');
  });
});

describe('what is sealed directly under a key-encryption key', () => {
  it('is sealed again under its tenant’s key, wherever it is, and the data plane is told', async () => {
    const world = memoryGates();
    const tenantId = await mint();
    const kek = await localPrimary(JSON.stringify(BEFORE));
    const [account, provider, secret] = [randomUUID(), randomUUID(), randomUUID()];
    const places = [
      providerCredentials(tenantId, account),
      clientSecret(tenantId, provider),
      tenantSecret(tenantId, secret),
    ];
    const [a, b, c] = await Promise.all(places.map((place) => sealDirectly(kek, place, 'sk')));
    await owner.query(
      `insert into provider_accounts (tenant_id, id, provider, account_label, encrypted_credentials)
       values ($1, $2, 'openai', 'l', $3)`,
      [tenantId, account, a],
    );
    await owner.query(
      `insert into identity_providers (tenant_id, id, name, issuer, client_id, encrypted_client_secret)
       values ($1, $2, 'p', 'https://id.example', 'c', $3)`,
      [tenantId, provider, b],
    );
    await owner.query('insert into secrets (tenant_id, id, name, encrypted_value) values ($1, $2, $3, $4)', [
      ...[tenantId, secret, 's', c],
    ]);
    const box = await isolate(PROMOTED, world);
    for (const expected of [3, 0]) {
      await owner.query('delete from jobs');
      await enqueueJob({ statements, kind: 'rewrap-keys' });
      await runJobs(portsOf(box), EARLY);
      expect((await listJobs({ statements }))[0]).toMatchObject({ result: { resealed: expected } });
    }
    const { rows } = await owner.query<{ sealed: string }>(
      `select encrypted_credentials as sealed from provider_accounts where tenant_id = $1
       union all select encrypted_client_secret from identity_providers where tenant_id = $1
       union all select encrypted_value from secrets where tenant_id = $1`,
      [tenantId],
    );
    const retired = await isolate(RETIRED, world);
    for (const [at, place] of places.entries()) {
      expect(await retired.open(place, rows[at]?.sealed ?? '')).toEqual({ ok: true, value: 'sk' });
    }
    const { rows: versions } = await owner.query('select config_version from tenants where id = $1', [tenantId]);
    expect(versions).toEqual([{ config_version: 4 }]);
  });
});

describe('npm run keys:rotate', () => {
  it('publishes, promotes, rewraps and retires, and refuses what would lose a key', async () => {
    const world = memoryGates();
    await fill(world, await isolate(BEFORE, world));
    const file = join(mkdtempSync(join(tmpdir(), 'keyring-')), 'keyring.json');
    writeFileSync(file, JSON.stringify(BEFORE));
    const ring = (): KeyringText => JSON.parse(readFileSync(file, 'utf8'));
    await using started = new AsyncDisposableStack();
    const operator = new pg.Client({ connectionString: database.url });
    await operator.connect();
    started.defer(() => operator.end());
    const lines: string[] = [];
    const run = async (...args: string[]) => {
      const step = readRotation(args);
      if (step === 'help') throw new Error('no help was asked for');
      const print = (line: string) => void lines.push(line);
      return step.needsDatabase ? step.run(statementsOn(operator), print) : step.run(print);
    };
    /** The ledger's schedule, which runs what the command asks for. */
    const runBeside = async (...args: string[]) => {
      let isOver = false;
      const running = run(...args).finally(() => {
        isOver = true;
      });
      const box = await isolate(ring(), world);
      while (!isOver) await runJobs(portsOf(box), EARLY);
      return running;
    };
    await expect(run('promote', '--file', file, '--id', 'k9')).rejects.toThrow('publish it first');
    expect(await run('publish', '--file', file, '--id', 'k9')).toBe(0);
    await expect(run('publish', '--file', file, '--id', 'k9')).rejects.toThrow('already');
    expect(await run('promote', '--file', file, '--id', 'k9')).toBe(0);
    await expect(run('retire', '--file', file, '--id', 'k9')).rejects.toThrow('promote another first');
    expect(await runBeside('retire', '--file', file, '--id', 'k1')).toBe(1); // it was the rewrapping
    expect(Object.keys(ring().keys)).toEqual(['k1', 'k9']);
    expect(await runBeside('rewrap')).toBe(0);
    expect(await runBeside('retire', '--file', file, '--id', 'k1')).toBe(0);
    expect(ring()).toMatchObject({ primary: 'k9' });
    expect(Object.keys(ring().keys)).toEqual(['k9']);
    expect(new Set(keksOf(world))).toEqual(new Set(['k9']));
    expect(world.keys.has(PLATFORM_ID)).toBe(true);
    expect(lines.join('\n')).not.toContain(ring().keys.k9);
  });

  it('reads a KMS’s key from a file, and says what is wrong with a command line', () => {
    expect(() => readRotation(['turn'])).toThrow('publish, promote, rewrap, retire');
    expect(() => readRotation(['publish', '--id', 'k2'])).toThrow('--file and --id');
    expect(readRotation(['--help'])).toBe('help');
    const file = join(mkdtempSync(join(tmpdir(), 'keyring-')), 'keyring.json');
    const key = { kms: 'aws', region: 'eu-central-1', keyId: 'k', accessKeyId: 'a', secretAccessKey: 's' };
    writeFileSync(file, JSON.stringify(BEFORE));
    writeFileSync(`${file}.kms`, JSON.stringify(key));
    const step = readRotation(['publish', '--file', file, '--id', 'aws', '--kms', `${file}.kms`]);
    if (step === 'help' || step.needsDatabase) throw new Error('another step was read');
    expect(step.run(() => {})).toBe(0);
    expect(JSON.parse(readFileSync(file, 'utf8')).keys).toEqual({ k1: K1, aws: key });
  });
});
