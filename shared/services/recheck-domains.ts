import { type SQL, sql } from 'drizzle-orm';
import { uuidv7 } from 'uuidv7';
import * as z from 'zod';
import { CHALLENGE_LABEL } from '../auth/email-domain.ts';
import type { StatementRunner } from '../db/statement-runner.ts';
import type { LookUpTxt } from '../platform/look-up-txt.ts';

/** How long a record may be gone before its tenant loses the domain: a mistake in DNS is mended by then. */
export const GRACE_DAYS = 7;

/** Domains of one call: looked up at once, they take a few seconds at most. */
const PAGE_SIZE = 5;

const held = z.array(z.object({ id: z.uuid(), name: z.string(), challenge: z.string().nullable() }));

/** What became of a tenant's domains that were looked at. `unknown`: DNS could not be asked; they stay as they are. */
export interface RecheckedDomains {
  readonly seen: number;
  readonly missing: number;
  readonly unverified: number;
  readonly unknown: number;
  /** The last one's name, to go on behind; null: there are no more. */
  readonly last: string | null;
}

type Outcome = Exclude<keyof RecheckedDomains, 'last'>;

/**
 * Looks a tenant's verified domains up, some of them behind `after`, by their names. One whose record was last seen too
 * long ago is not its tenant's any more, with an audit row, and so is one that another tenant has taken over. Safe to be
 * run again.
 */
export async function recheckDomains(input: {
  readonly statements: StatementRunner;
  readonly lookUp: LookUpTxt;
  readonly tenantId: string;
  readonly after: string;
  readonly jobId: string;
  readonly now: Date;
}): Promise<RecheckedDomains> {
  const { statements, tenantId, after } = input;
  const [rows = []] = await statements.asTenant(tenantId, [
    sql`
      select domains.id::text, domains.name, held.challenge from domains
      left join verified_domains as held on held.holder_id = domains.tenant_id and held.domain_id = domains.id
        and held.lapsed_at is null
      where domains.tenant_id = ${tenantId}::uuid and domains.verified_at is not null
        and domains.name collate "C" > ${after}::text order by domains.name collate "C" limit ${PAGE_SIZE}`,
  ]);
  const domains = held.parse(rows);
  const outcomes = await Promise.all(domains.map((domain) => recheck(input, domain)));
  const count = (outcome: Outcome) => outcomes.filter((each) => each === outcome).length;
  return {
    ...{ seen: count('seen'), missing: count('missing'), unverified: count('unverified'), unknown: count('unknown') },
    last: domains.length < PAGE_SIZE ? null : (domains.at(-1)?.name ?? null),
  };
}

async function recheck(
  by: Parameters<typeof recheckDomains>[0],
  { id, name, challenge }: z.infer<typeof held>[number],
): Promise<Outcome> {
  const { statements, lookUp, tenantId, now } = by;
  const isOwn = sql`holder_id = ${tenantId}::uuid and domain_id = ${id}::uuid and lapsed_at is null`;
  if (challenge === null) return await unverify(by, id, 'taken_over', sql`select where false`);
  const said = await lookUp(`${CHALLENGE_LABEL}.${name}`);
  if (!said.ok) return 'unknown';
  if (said.value.includes(challenge)) {
    await statements.asTenant(tenantId, [
      sql`update verified_domains set seen_at = ${now}::timestamptz where ${isOwn}`,
    ]);
    return 'seen';
  }
  return await unverify(
    ...([by, id, 'record_gone'] as const),
    sql`update verified_domains set lapsed_at = ${now}::timestamptz
      where ${isOwn} and seen_at <= ${now}::timestamptz - make_interval(days => ${GRACE_DAYS}::int) returning domain_id`,
  );
}

/** Notes that the tenant does not hold the domain, where `lapse` ends that or something else did. */
async function unverify(
  { statements, tenantId, jobId }: Parameters<typeof recheckDomains>[0],
  id: string,
  reason: 'record_gone' | 'taken_over',
  lapse: SQL,
): Promise<Outcome> {
  const [rows = []] = await statements.asTenant(tenantId, [
    sql`
      with lapsed as (${lapse}),
      unverified as (
        update domains set verified_at = null where tenant_id = ${tenantId}::uuid and id = ${id}::uuid
          and verified_at is not null and (exists (select from lapsed) or not exists (
            select from verified_domains as held where held.holder_id = domains.tenant_id
              and held.domain_id = domains.id and held.lapsed_at is null))
        returning id, name)
      insert into audit_logs (id, tenant_id, action, target_type, target_id, metadata)
      select ${uuidv7()}::uuid, ${tenantId}::uuid, 'domain.unverified', 'domain', id::text,
        jsonb_build_object('requestId', ${jobId}::text, 'reason', ${reason}::text,
          'before', jsonb_build_object('name', name, 'status', 'verified'),
          'after', jsonb_build_object('name', name, 'status', 'pending'))
      from unverified returning id::text`,
  ]);
  return rows.length > 0 ? 'unverified' : 'missing';
}
