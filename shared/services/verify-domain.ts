import { sql } from 'drizzle-orm';
import type { Domain } from '../contracts/http/domains.ts';
import { err, ok, type Result } from '../errors/result.ts';
import type { LookUpTxt } from '../platform/look-up-txt.ts';
import type { ChangeContext } from './change-configuration.ts';
import { getDomain } from './list-domains.ts';
import { recordChange } from './record-change.ts';
import { firstReason, isAllowed } from './role-grants.ts';

/**
 * Why a domain is not verified. `unproven`: its record does not say what it has to; it says `found` other things.
 * `unknown`: DNS cannot be asked now. `held`: another tenant has it, and that one's record is there, too.
 */
export type VerifyRefusal =
  | { readonly reason: 'not_found' }
  | { readonly reason: 'unproven'; readonly record: Domain['record']; readonly found: number }
  | { readonly reason: 'unknown'; readonly cause: string }
  | { readonly reason: 'held' };

/**
 * Looks the domain's record up, and gives the tenant the domain when it says what it has to, with an audit row if the
 * tenant did not have it. A tenant that had it before loses it if its own record is gone: who writes the domain's DNS
 * decides. Nothing is told of other tenants to who has not proven the domain.
 */
export async function verifyDomain(
  by: ChangeContext,
  id: string,
  lookUp: LookUpTxt,
): Promise<Result<Domain, VerifyRefusal>> {
  const { db, tenantId } = by;
  const claimed = await getDomain({ db, tenantId, id });
  if (!claimed) return err({ reason: 'not_found' });
  const { record } = claimed;
  const said = await lookUp(record.name);
  if (!said.ok) return err({ reason: 'unknown', cause: said.error });
  if (!said.value.includes(record.value)) return err({ reason: 'unproven', record, found: said.value.length });
  await take(by, claimed, said.value);
  const verified = await getDomain({ db, tenantId, id });
  if (!verified) return err({ reason: 'not_found' });
  return verified.status === 'verified' ? ok(verified) : err({ reason: 'held' });
}

/** Writes who holds the domain, unless another tenant does whose record is among what DNS says. */
async function take(by: ChangeContext, { id, name, record }: Domain, said: readonly string[]): Promise<void> {
  const { tenantId } = by;
  const isFree = sql`(verified_domains.lapsed_at is not null or verified_domains.challenge <> all(${sql.param(said)}::text[]))`;
  await recordChange(by, {
    first: [sql`select set_config('app.domain', ${name}, true)`],
    ...{ action: 'domain.verified', targetType: 'domain' },
    steps: [
      ['own', sql`select id from domains where tenant_id = ${tenantId}::uuid and id = ${id}::uuid`],
      ['refusal', firstReason([['not_found', sql`not exists (select from own)`]])],
      [
        'held',
        sql`select domain_id from verified_domains
          where name = ${name} and holder_id = ${tenantId}::uuid and domain_id = ${id}::uuid and lapsed_at is null`,
      ],
      [
        'taken',
        sql`insert into verified_domains (name, holder_id, domain_id, challenge)
          select ${name}::text, ${tenantId}::uuid, id, ${record.value}::text from own where ${isAllowed}
          on conflict (name) do update
            set (holder_id, domain_id, challenge, seen_at, lapsed_at)
              = (excluded.holder_id, excluded.domain_id, excluded.challenge, now(), null)
            where verified_domains.holder_id = excluded.holder_id or ${isFree}
          returning domain_id`,
      ],
      [
        'noted',
        sql`update domains set verified_at = now() where tenant_id = ${tenantId}::uuid
          and id in (select domain_id from taken) and not exists (select from held) returning id`,
      ],
      [
        'changed',
        sql`select id, jsonb_build_object('name', ${name}::text, 'status', 'pending') as before,
          jsonb_build_object('name', ${name}::text, 'status', 'verified') as after from noted`,
      ],
    ],
  });
}
