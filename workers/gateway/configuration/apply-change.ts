import * as z from 'zod';
import { RATE_LIMIT_RULE } from '../../../shared/contracts/http/rate-limits.ts';
import type { DomainError } from '../../../shared/errors/domain-error.ts';
import { err, type Result } from '../../../shared/errors/result.ts';
import type { ChangeContext, ChangeRefusal, ReferenceField } from '../../../shared/services/change-configuration.ts';
import { publishTenant } from '../../../shared/services/publish-configuration.ts';
import type { AppContext } from '../app-context.ts';
import { readRecord } from './read-record.ts';

const USER_AGENT_MAX_LENGTH = 512;

const ipAddress = z.union([z.ipv4(), z.ipv6()]);

const REFERENCES: Readonly<Record<ReferenceField, string>> = {
  environmentId: 'the tenant has no such environment',
  apiKeyId: 'the tenant has no such API key',
};

/**
 * Makes a change of the tenant's configuration and hands it to TenantGate, so that it holds when the client has its
 * answer. A change that cannot be handed over stays made: the ledger's sweep publishes it. `scopeAt` is the JSON pointer of
 * the object that references are in.
 */
export async function applyChange<T>(
  context: AppContext,
  change: (by: ChangeContext) => Promise<Result<T, ChangeRefusal>>,
  scopeAt = '',
): Promise<Result<T, DomainError>> {
  const changed = await readRecord(context, () => change(changeContext(context)));
  if (!changed.ok) return changed;
  if (!changed.value.ok) return err(toDomainError(changed.value.error, scopeAt));
  await publish(context);
  return changed.value;
}

function changeContext(context: AppContext): ChangeContext {
  const { tenantId, actor } = context.get('tenant');
  const { data: ip = null } = ipAddress.safeParse(context.req.header('cf-connecting-ip'));
  const userAgent = context.req.header('user-agent')?.slice(0, USER_AGENT_MAX_LENGTH) ?? null;
  return { db: context.get('ports').db, tenantId, actor, requestId: context.get('requestId'), ip, userAgent };
}

async function publish(context: AppContext): Promise<void> {
  const { db, gate, tenants } = context.get('ports');
  const { tenantId } = context.get('tenant');
  try {
    const snapshot = await publishTenant({ db, gate: gate(tenantId), tenantId });
    if (snapshot) tenants.accept(snapshot);
  } catch (error) {
    context.get('logger').error('configuration.not_published', { error });
  }
}

function toDomainError(refusal: ChangeRefusal, scopeAt: string): DomainError {
  switch (refusal.reason) {
    case 'not_found':
      return NOT_FOUND;
    case 'name_taken': {
      const detail = 'The tenant has another one of this name.';
      return { code: 'already_exists', detail, errors: [{ pointer: '/name', detail: 'is taken' }] };
    }
    case 'inconsistent':
      return invalid([{ pointer: '', detail: RATE_LIMIT_RULE }]);
    case 'unknown_references':
      return invalid(refusal.fields.map((field) => ({ pointer: `${scopeAt}/${field}`, detail: REFERENCES[field] })));
  }
}

/** Also what another tenant's is answered with. */
export const NOT_FOUND: DomainError = { code: 'not_found', detail: 'The tenant has nothing of this id here.' };

function invalid(errors: NonNullable<DomainError['errors']>): DomainError {
  const names = errors.map(({ pointer, detail }) => `${pointer || 'the body'}: ${detail}`).join('; ');
  return { code: 'bad_request', detail: `The request is not valid. ${names}`, errors };
}
