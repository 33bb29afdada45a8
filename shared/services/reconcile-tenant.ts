import { sql } from 'drizzle-orm';
import * as z from 'zod';
import type { GateStanding, TenantGateRpc } from '../contracts/rpc.ts';
import { toUsdText } from '../contracts/usd-text.ts';
import { lockLedger } from '../db/lock-ledger.ts';
import type { StatementRunner } from '../db/statement-runner.ts';
import { compareMoney, type MoneyComparison, type TenantStanding } from '../domain/usage/compare-money.ts';
import type { LedgerDifference } from './verify-ledger.ts';

const ATTEMPTS = 5;

const balance = z.object({ recorded: z.string(), dead_letters: z.string() });

export interface Reconciled {
  /** `exact`: both were at rest and agree. `within`: requests were on their way, and what is recorded is possible. */
  readonly state: 'exact' | 'within' | 'different';
  readonly differences: readonly LedgerDifference[];
}

/**
 * Holds what Postgres has of a tenant's money against what its gates counted, and marks in the ledger what they have out.
 * The gates are read before and after Postgres, so that what happens meanwhile is no difference; only one that every
 * attempt finds is told of. Throws when Postgres or a gate is away.
 */
export async function reconcileTenant(input: {
  readonly statements: StatementRunner;
  readonly gate: (shard: number) => Pick<TenantGateRpc, 'standing'>;
  readonly tenantId: string;
  /** Of this reconciliation: run again under the same id it marks nothing twice. */
  readonly reconciliationId: string;
  /** Waits between two attempts. */
  readonly pause: () => Promise<void>;
}): Promise<Reconciled> {
  const { statements, gate, tenantId, reconciliationId, pause } = input;
  let best: { readonly comparison: MoneyComparison; readonly deadLetters: string } | undefined;
  let standing = await readStanding(gate);
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    if (attempt > 1) await pause();
    const before = attempt === 1 ? standing : await readStanding(gate);
    const { recorded, deadLetters } = await readRecorded(statements, tenantId);
    standing = await readStanding(gate);
    const comparison = compareMoney(before, standing, recorded);
    if (!best || rank(comparison) > rank(best.comparison)) best = { comparison, deadLetters };
    if (comparison.state === 'exact') break;
  }
  await markHeld({ statements, tenantId, reconciliationId, outPicoUsd: standing.outPicoUsd });
  if (best?.comparison.state !== 'different') return { state: best?.comparison.state ?? 'within', differences: [] };
  const { expected, found } = best.comparison;
  const dimensions = { account: 'spent', openDeadLetters: best.deadLetters };
  const ofNoPeriod = { periodStart: null, periodEnd: null };
  return {
    state: 'different',
    differences: [
      {
        tenantId,
        check: 'gate',
        ...ofNoPeriod,
        unit: 'cost_usd',
        dimensions,
        expected: toUsdText(expected),
        found: toUsdText(found),
      },
    ],
  };
}

function rank({ state }: MoneyComparison): number {
  return ['different', 'within', 'exact'].indexOf(state);
}

async function readStanding(gate: (shard: number) => Pick<TenantGateRpc, 'standing'>): Promise<TenantStanding> {
  const root = await gate(0).standing();
  const others = Array.from({ length: root.shards - 1 }, (_, at) => gate(at + 1).standing());
  const all: readonly GateStanding[] = [root, ...(await Promise.all(others))];
  return {
    spentPicoUsd: root.spentPicoUsd,
    outPicoUsd: root.outPicoUsd,
    unrecordedPicoUsd: all.reduce((sum, { unrecorded }) => sum + unrecorded.picoUsd, 0n),
    unrecordedCount: all.reduce((sum, { unrecorded }) => sum + unrecorded.count, 0),
    shards: all.map(({ spentPicoUsd, outPicoUsd }) => ({ spentPicoUsd, outPicoUsd })),
  };
}

async function readRecorded(statements: StatementRunner, tenantId: string) {
  const [[row] = []] = await statements.asTenant(tenantId, [
    sql`
      select (coalesce(sum(spent + estimated), 0) * 1e12)::numeric(38, 0)::text as recorded,
        (select count(*) from dead_letters where subject_tenant = ${tenantId} and replayed_at is null)::text as dead_letters
      from ledger_postings where tenant_id = ${tenantId}`,
  ]);
  const { recorded, dead_letters: deadLetters } = balance.parse(row);
  return { recorded: BigInt(recorded), deadLetters };
}

/** The account `held` comes to what the gates have out: it is known only at such times, and moves to no request's account. */
async function markHeld(input: {
  readonly statements: StatementRunner;
  readonly tenantId: string;
  readonly reconciliationId: string;
  readonly outPicoUsd: bigint;
}): Promise<void> {
  const { statements, tenantId, reconciliationId, outPicoUsd } = input;
  await statements.asTenant(tenantId, [
    lockLedger(tenantId),
    sql`
      insert into ledger_postings (tenant_id, event_id, revision, kind, available, held, occurred_at)
      select ${tenantId}::uuid, md5(${`marked ${reconciliationId} ${tenantId}`})::uuid, 1, 'marked', -difference, difference, now()
      from (
        select ${toUsdText(outPicoUsd)}::numeric - coalesce(sum(held), 0) as difference
        from ledger_postings where tenant_id = ${tenantId}
      ) as held
      where difference <> 0
      on conflict (tenant_id, event_id, revision) do nothing`,
  ]);
}
