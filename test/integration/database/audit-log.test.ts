import { createPrivateKey, generateKeyPairSync, sign } from 'node:crypto';
import { sql } from 'drizzle-orm';
import fc from 'fast-check';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { verifyEd25519 } from '../../../shared/crypto/ed25519.ts';
import { sha256 } from '../../../shared/crypto/sha256.ts';
import { createDatabase } from '../../../shared/db/client.ts';
import { type StatementRunner, statementsOver } from '../../../shared/db/statement-runner.ts';
import { canonicalJson } from '../../../shared/domain/audit/canonical-json.ts';
import type { LogLine } from '../../../shared/domain/audit/log-lines.ts';
import { verifyEntryProof } from '../../../shared/domain/audit/verify-log.ts';
import { exportAuditLog } from '../../../shared/services/export-audit-log.ts';
import { listUnsealedTenants } from '../../../shared/services/list-unsealed-tenants.ts';
import { proveAuditEntry } from '../../../shared/services/prove-audit-entry.ts';
import { rollOffAuditLog } from '../../../shared/services/roll-off-audit-log.ts';
import { type SealPorts, sealAuditLog } from '../../../shared/services/seal-audit-log.ts';
import { judgeLog } from '../../harness/exported-log.ts';
import { memoryAnchors } from '../../harness/memory-anchors.ts';
import { createTestDatabase } from '../../harness/postgres.ts';

let database: Awaited<ReturnType<typeof createTestDatabase>>;
let owner: pg.Client;
let app: StatementRunner;
let ledger: StatementRunner;

const pair = generateKeyPairSync('ed25519');
const signer = createPrivateKey(pair.privateKey.export({ type: 'pkcs8', format: 'pem' }));
const publicKey = new Uint8Array(Buffer.from(pair.publicKey.export({ format: 'jwk' }).x ?? '', 'base64url'));
const judge = { sha256, verify: verifyEd25519, publicKeys: [publicKey] };

beforeAll(async () => {
  database = await createTestDatabase();
  owner = new pg.Client({ connectionString: database.url });
  await owner.connect();
  const { appUrl, ledgerUrl, neonEndpoint } = database;
  app = statementsOver(createDatabase({ databaseUrl: appUrl, neonEndpoint }));
  ledger = statementsOver(createDatabase({ databaseUrl: ledgerUrl, neonEndpoint }));
});

afterAll(async () => {
  await owner?.end();
  await database?.close();
});

async function mintTenant(): Promise<string> {
  const tenantId = crypto.randomUUID();
  await owner.query("insert into tenants (id, name, slug, region) values ($1::uuid, 'T', $1::text, 'eu')", [tenantId]);
  return tenantId;
}

const log = (tenantId: string, count: number, age = '0 days') =>
  owner.query(
    `insert into audit_logs (tenant_id, action, target_type, target_id, ip, user_agent, metadata, created_at)
     select $1, 'budget.updated', 'budget', place::text, '2001:db8::1', 'Prüfung "1"', jsonb_build_object('place', place),
       now() - $3::interval + make_interval(secs => place / 1000.0)
     from generate_series(1, $2::int) as place`,
    [tenantId, count, age],
  );

function sealPorts(anchors = memoryAnchors()) {
  return {
    ...{ statements: ledger, anchors, sha256, verify: verifyEd25519, publicKeys: [publicKey], region: 'eu' },
    sign: async (message: Uint8Array) => new Uint8Array(sign(null, message, signer)),
  } satisfies SealPorts;
}

const readerOf = (tenantId: string) => ({ statements: app, sha256, region: 'eu', tenantId });

async function exported(tenantId: string): Promise<LogLine[]> {
  const lines: LogLine[] = [];
  for await (const page of exportAuditLog(readerOf(tenantId))) lines.push(...page);
  return lines;
}

/** Runs statements as somebody who has the whole database in their hands: triggers and row-level security are off. */
async function asInsider(...statements: string[]): Promise<void> {
  await owner.query('begin; set local session_replication_role = replica');
  await owner.query('alter table audit_logs disable trigger append_only');
  await owner.query('alter table audit_nodes disable trigger append_only');
  for (const statement of statements) await owner.query(statement);
  await owner.query('alter table audit_logs enable always trigger append_only');
  await owner.query('alter table audit_nodes enable always trigger append_only');
  await owner.query('commit');
}

describe('an entry', () => {
  it('is stored as canonical JSON that the database makes as we do, whatever is in it', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.jsonValue({ maxDepth: 3, stringUnit: 'binary' }), { maxLength: 20 }),
        async (values) => {
          const storable = JSON.parse(JSON.stringify(values).replaceAll(/\\u0000|\\ud[89a-f][0-9a-f]{2}/g, '-'));
          const { rows } = await owner.query<{ text: string }>('select canonical_json($1::jsonb) as text', [
            JSON.stringify(storable),
          ]);
          expect(rows[0]?.text).toBe(canonicalJson(storable));
        },
      ),
      { numRuns: 300 },
    );
  });

  it('numbers of every kind are as ECMAScript writes them', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), { minLength: 500, maxLength: 500 }),
        async (values) => {
          const numbers = values
            .flatMap((value) => [value, Math.trunc(value * 1e20), 2 ** Math.trunc(value % 1_000)])
            .filter(Number.isFinite);
          const storable = numbers.map((value) => (value === 0 ? 0 : value));
          const { rows } = await owner.query<{ text: string }>('select canonical_json($1::jsonb) as text', [
            JSON.stringify(storable),
          ]);
          expect(rows[0]?.text).toBe(canonicalJson(storable));
        },
      ),
      { numRuns: 20 },
    );
  });

  it.each([
    ...[
      0,
      1,
      -1,
      0.1,
      1e21,
      1e20,
      1.5e-7,
      1e-6,
      123456789012345680000,
      5e-324,
      1.7976931348623157e308,
      333333333.3333333,
      ...[-19981328402088590, 1e23, 9.5367431640625e-7, 2 ** -1074 * 3],
    ],
    ...[{ '\u{10FFFE}': 1, '\uE000': 2, '\uFFFF': 3, z: 4, '': 5 }],
    ...['\b\f\n\r\t"\\\u001f\u007f/€😀'],
  ])('and so are the edges: %j', async (value) => {
    const { rows } = await owner.query('select canonical_json($1::jsonb) as text', [JSON.stringify(value)]);
    expect(rows[0].text).toBe(canonicalJson(value));
  });

  it('can be changed by nobody, and be removed by neither role of the Workers', async () => {
    const tenantId = await mintTenant();
    await log(tenantId, 1);
    await expect(owner.query('update audit_logs set action = action where tenant_id = $1', [tenantId])).rejects.toThrow(
      'audit_logs is append-only',
    );
    await expect(owner.query(`update audit_logs set entry = '' where tenant_id = $1`, [tenantId])).rejects.toThrow();
    const remove = async (url: string) => {
      const client = new pg.Client({ connectionString: url });
      await client.connect();
      try {
        await client.query(`select set_config('app.tenant', $1, false)`, [tenantId]);
        return (await client.query('delete from audit_logs where tenant_id = $1', [tenantId])).rowCount;
      } catch (error) {
        return (error as Error).message;
      } finally {
        await client.end();
      }
    };
    expect(await remove(database.appUrl)).toContain('permission denied');
    expect(await remove(database.ledgerUrl)).toBe(0);
  });

  it('has the bytes and the hash that the database makes, whatever the writer says of them', async () => {
    const tenantId = await mintTenant();
    await owner.query(
      `insert into audit_logs (tenant_id, action, target_type, entry, leaf_hash) values ($1, 'a.b', 'a', 'forged', 'forged')`,
      [tenantId],
    );
    const { rows } = await owner.query<{ entry: string; is_hash: boolean }>(
      `select convert_from(entry, 'UTF8') as entry, leaf_hash = sha256('\\x00' || entry) as is_hash from audit_logs
       where tenant_id = $1`,
      [tenantId],
    );
    expect(JSON.parse(rows[0]?.entry ?? '')).toMatchObject({ version: 1, tenantId, action: 'a.b', ip: null });
    expect(rows[0]?.is_hash).toBe(true);
  });
});

describe('sealing', () => {
  it('numbers entries without a gap, over any number of runs, and covers them all', async () => {
    const tenantId = await mintTenant();
    const ports = sealPorts();
    for (const [run, count] of [3, 1, 1_200, 7].entries()) {
      await log(tenantId, count);
      expect(await listUnsealedTenants(ledger, [])).toContain(tenantId);
      const sealed = await sealAuditLog(ports, tenantId);
      expect(sealed).toMatchObject({ ok: true, value: { isMore: run === 2 } });
      if (run === 2) await sealAuditLog(ports, tenantId);
    }
    expect(await listUnsealedTenants(ledger, [])).not.toContain(tenantId);
    const lines = await exported(tenantId);
    expect(judgeLog(judge, lines)).toMatchObject({ first: 0, size: 1_211, checkpoints: 5 });
    const kept = [...(ports.anchors.notes.get(tenantId)?.values() ?? [])];
    expect(judgeLog({ ...judge, kept }, lines)).toMatchObject({ compared: 5 });
  });

  it('leaves no entry without a number that is committed late', async () => {
    const tenantId = await mintTenant();
    const ports = sealPorts();
    const late = new pg.Client({ connectionString: database.url });
    await late.connect();
    await late.query('begin');
    await late.query(`insert into audit_logs (tenant_id, action, target_type) values ($1, 'late.one', 'a')`, [
      tenantId,
    ]);
    await log(tenantId, 2);
    await sealAuditLog(ports, tenantId);
    await late.query('commit');
    await late.end();
    await sealAuditLog(ports, tenantId);
    const actions = (await exported(tenantId)).flatMap((line) =>
      line.kind === 'entry' ? [JSON.parse(line.entry).action] : [],
    );
    expect(actions).toEqual(['budget.updated', 'budget.updated', 'late.one']);
  });

  it('two at once leave one tree', async () => {
    const tenantId = await mintTenant();
    const ports = sealPorts();
    await log(tenantId, 50);
    await Promise.allSettled(Array.from({ length: 4 }, () => sealAuditLog(ports, tenantId)));
    await sealAuditLog(ports, tenantId);
    expect(judgeLog(judge, await exported(tenantId))).toMatchObject({ size: 50 });
  });

  it('goes on after being broken off anywhere', async () => {
    const tenantId = await mintTenant();
    const anchors = memoryAnchors();
    for (let failing = 1; failing <= 12; failing++) {
      await log(tenantId, 2);
      let calls = 0;
      const breaking: StatementRunner = {
        run: ledger.run,
        asTenant: async (...all) => {
          if (++calls === failing) throw new Error('gone');
          return ledger.asTenant(...all);
        },
      };
      await sealAuditLog({ ...sealPorts(anchors), statements: breaking }, tenantId).catch(() => null);
      const put: typeof anchors.put = async (...all) => {
        await anchors.put(...all);
        throw new Error('gone');
      };
      await log(tenantId, 1);
      if (failing % 2 === 0)
        await sealAuditLog({ ...sealPorts(), anchors: { ...anchors, put } }, tenantId).catch(() => null);
      expect(await sealAuditLog(sealPorts(anchors), tenantId)).toMatchObject({ ok: true });
    }
    const kept = [...(anchors.notes.get(tenantId)?.values() ?? [])];
    expect(judgeLog({ ...judge, kept }, await exported(tenantId))).toMatchObject({ size: 36, compared: kept.length });
  });

  it('an entry’s proof is verified by the key alone, and there is none before a checkpoint covers it', async () => {
    const tenantId = await mintTenant();
    await log(tenantId, 5);
    const { rows } = await owner.query('select id from audit_logs where tenant_id = $1', [tenantId]);
    expect(await proveAuditEntry(readerOf(tenantId), rows[0].id)).toEqual({ ok: false, error: 'uncovered' });
    await sealAuditLog(sealPorts(), tenantId);
    for (const { id } of rows) {
      const proved = await proveAuditEntry(readerOf(tenantId), id);
      if (!proved.ok) throw new Error(proved.error);
      expect(verifyEntryProof(judge, proved.value)).toBeNull();
      const entry = proved.value.entry.replace('budget.updated', 'budget.deleted');
      expect(verifyEntryProof(judge, { ...proved.value, entry })).toMatchObject({ seq: proved.value.seq });
      expect(verifyEntryProof(judge, { ...proved.value, seq: proved.value.seq + 1 })).not.toBeNull();
    }
    expect(await proveAuditEntry(readerOf(tenantId), crypto.randomUUID())).toEqual({ ok: false, error: 'not_found' });
  });
});

describe('U1, U2: rows that are changed in the database', () => {
  const CHANGES: Record<string, { statement: (tenantId: string) => string; from: number; to: number }> = {
    'an entry’s bytes': {
      statement: (id) =>
        `update audit_logs set entry = set_byte(entry, 20, get_byte(entry, 20) # 1) where tenant_id = '${id}' and target_id = '15'`,
      ...{ from: 14, to: 14 },
    },
    'bytes and hash': {
      statement: (id) => `
        update audit_logs set entry = set_byte(entry, 20, get_byte(entry, 20) # 1),
          leaf_hash = sha256('\\x00' || set_byte(entry, 20, get_byte(entry, 20) # 1))
        where tenant_id = '${id}' and target_id = '15'`,
      ...{ from: 10, to: 10 },
    },
    'two entries swapped': {
      statement: (id) => `
        update audit_nodes set entry_id = case position when 14 then (select entry_id from audit_nodes
            where tenant_id = '${id}' and level = 0 and position = 16)
          else (select entry_id from audit_nodes where tenant_id = '${id}' and level = 0 and position = 14) end
        where tenant_id = '${id}' and level = 0 and position in (14, 16)`,
      ...{ from: 10, to: 10 },
    },
    'the last checkpoint deleted': {
      statement: (id) => `delete from audit_checkpoints where tenant_id = '${id}' and size = 30`,
      ...{ from: 20, to: 20 },
    },
  };

  const sealedInThree = async () => {
    const tenantId = await mintTenant();
    const ports = sealPorts();
    for (const start of [0, 10, 20]) {
      await owner.query(
        `insert into audit_logs (tenant_id, action, target_type, target_id, created_at)
         select $1, 'budget.updated', 'budget', ($2::int + place)::text, now() + make_interval(secs => place)
         from generate_series(1, 10) as place`,
        [tenantId, start],
      );
      await sealAuditLog(ports, tenantId);
    }
    const kept = [...(ports.anchors.notes.get(tenantId)?.values() ?? [])];
    return { tenantId, ports, kept };
  };

  it.each(Object.entries(CHANGES))('are found out: %s', async (_, { statement, from, to }) => {
    const { tenantId, kept } = await sealedInThree();
    expect(judgeLog({ ...judge, kept }, await exported(tenantId))).toMatchObject({ size: 30, compared: 3 });
    await owner.query('alter table audit_nodes drop constraint audit_nodes_tenant_id_entry_id_key');
    await asInsider(statement(tenantId));
    const outcome = judgeLog({ ...judge, kept }, await exported(tenantId));
    await owner.query('alter table audit_nodes add unique (tenant_id, entry_id)');
    expect(outcome).toHaveProperty('problem');
    expect('seq' in outcome && outcome.seq).toBeGreaterThanOrEqual(from);
    expect('seq' in outcome && outcome.seq).toBeLessThanOrEqual(to);
  });

  it('are found out: an entry deleted, which breaks the export off', async () => {
    const { tenantId } = await sealedInThree();
    await asInsider(`delete from audit_logs where tenant_id = '${tenantId}' and target_id = '15'`);
    await expect(exported(tenantId)).rejects.toThrow('1 entries are missing');
  });

  it('U5: are not signed over, and when the insider signs them too, are found out by what was stored outside', async () => {
    const { tenantId, ports, kept } = await sealedInThree();
    await asInsider(
      `update audit_logs set entry = convert_to(replace(convert_from(entry, 'UTF8'), 'updated', 'deleted'), 'UTF8')
        where tenant_id = '${tenantId}' and target_id = '15'`,
      `update audit_logs set leaf_hash = sha256('\\x00' || entry) where tenant_id = '${tenantId}'`,
      `delete from audit_nodes where tenant_id = '${tenantId}'`,
      `delete from audit_checkpoints where tenant_id = '${tenantId}'`,
      `update audit_trees set size = 0 where tenant_id = '${tenantId}'`,
      `insert into audit_pending (tenant_id, entry_id) select tenant_id, id from audit_logs where tenant_id = '${tenantId}'`,
    );
    // The ledger itself notices, since it looks at what is stored outside, and signs nothing.
    expect(await sealAuditLog(ports, tenantId)).toEqual({ ok: false, error: 'rewritten' });
    // With the key in hand the insider leaves the ledger out.
    expect(await sealAuditLog(sealPorts(memoryAnchors()), tenantId)).toMatchObject({ ok: true });
    const forged = await exported(tenantId);
    expect(judgeLog(judge, forged)).toMatchObject({ size: 30, compared: 0 }); // control: nothing else finds it out
    for (const note of kept.slice(1)) {
      expect(judgeLog({ ...judge, kept: [note] }, forged)).toMatchObject({
        problem: expect.stringContaining('not those of the checkpoint that was kept'),
      });
    }
  });
});

describe('entries that a plan no longer keeps', () => {
  it('go, oldest first, once a checkpoint covers them, and the rest is verified as before', async () => {
    const tenantId = await mintTenant();
    const ports = sealPorts();
    await log(tenantId, 5, '400 days');
    expect(await rollOffAuditLog({ statements: ledger, tenantId })).toBe(0); // nothing covers them
    await sealAuditLog(ports, tenantId);
    await log(tenantId, 4);
    await sealAuditLog(ports, tenantId);
    const kept = [...(ports.anchors.notes.get(tenantId)?.values() ?? [])];
    expect(await rollOffAuditLog({ statements: ledger, tenantId, limit: 3 })).toBe(3);
    expect(await rollOffAuditLog({ statements: ledger, tenantId, limit: 3 })).toBe(2);
    expect(await rollOffAuditLog({ statements: ledger, tenantId, limit: 3 })).toBe(0);
    await sealAuditLog(ports, tenantId);
    const lines = await exported(tenantId);
    expect(judgeLog({ ...judge, kept }, lines)).toMatchObject({ first: 5, size: 11, compared: 2 });
    const told = lines.flatMap((line) => (line.kind === 'entry' ? [JSON.parse(line.entry)] : [])).slice(-2);
    expect(told).toMatchObject([
      { action: 'audit_log.rolled_off', metadata: { from: 0, to: 2 } },
      { action: 'audit_log.rolled_off', metadata: { from: 3, to: 4 } },
    ]);
  });

  it('are the only ones that Postgres lets the ledger remove: old, and covered', async () => {
    const tenantId = await mintTenant();
    await log(tenantId, 2, '400 days');
    const remove = async () =>
      (
        await ledger.asTenant(tenantId, [sql`delete from audit_logs where tenant_id = ${tenantId}::uuid returning id`])
      )[0]?.length;
    expect(await remove()).toBe(0);
    await sealAuditLog(sealPorts(), tenantId);
    await log(tenantId, 2);
    expect(await remove()).toBe(2);
    const { rows } = await owner.query('select count(*)::int as n from audit_logs where tenant_id = $1', [tenantId]);
    expect(rows[0].n).toBe(2);
  });
});
