import { RATE_LIMIT_RULE } from '../../../shared/contracts/http/rate-limits.ts';
import type { DomainError, FieldError } from '../../../shared/errors/domain-error.ts';
import { err, type Result } from '../../../shared/errors/result.ts';
import type { ChangeContext, ChangeRefusal, ReferenceField } from '../../../shared/services/change-configuration.ts';
import { publishTenant } from '../../../shared/services/publish-configuration.ts';
import type { AppContext } from '../app-context.ts';
import { clientAddress } from '../client-address.ts';
import { servedAt } from '../served-at.ts';
import { readRecord } from './read-record.ts';

const USER_AGENT_MAX_LENGTH = 512;

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
  const changed = await changeRecord(context, change, scopeAt);
  if (changed.ok) await publishChange(context, context.get('tenant').tenantId);
  return changed;
}

/** The same of a change that TenantGate need not know of: of the record alone. */
export async function changeRecord<T>(
  context: AppContext,
  change: (by: ChangeContext) => Promise<Result<T, ChangeRefusal>>,
  scopeAt = '',
): Promise<Result<T, DomainError>> {
  const changed = await readRecord(context, () => change(changeContext(context)));
  if (!changed.ok) return changed;
  return changed.value.ok ? changed.value : err(toDomainError(changed.value.error, scopeAt));
}

/** Who changes something by this request, for the audit log. */
export function changeContext(
  context: AppContext,
  { tenantId, actor }: Pick<ChangeContext, 'tenantId' | 'actor'> = context.get('tenant'),
): ChangeContext {
  const userAgent = context.req.header('user-agent')?.slice(0, USER_AGENT_MAX_LENGTH) ?? null;
  const { ports, requestId, claim } = context.var;
  const ip = clientAddress(context);
  const common = { db: ports.db, tenantId, actor, requestId, ip, userAgent };
  return { ...common, servedAt: servedAt(context), effectId: claim?.effectId };
}

/** Hands a tenant's configuration to TenantGate; what fails is the ledger's sweep's to do. */
export async function publishChange(context: AppContext, tenantId: string): Promise<void> {
  const { db, gate, tenants } = context.get('ports');
  try {
    const snapshot = await publishTenant({ db, gate: gate(tenantId), tenantId });
    if (snapshot) tenants.accept(snapshot);
  } catch (error) {
    context.get('logger').error('configuration.not_published', { error });
  }
}

/** How a change that was not made is answered. */
export function toDomainError(refusal: ChangeRefusal, scopeAt: string): DomainError {
  switch (refusal.reason) {
    case 'not_found':
      return NOT_FOUND;
    case 'name_taken': {
      const detail = 'The tenant has another one of this name.';
      const pointer = `/${refusal.field ?? 'name'}`;
      return { code: 'already_exists', detail, errors: [{ pointer, detail: 'is taken' }] };
    }
    case 'inconsistent':
      return invalid([{ pointer: '', detail: RATE_LIMIT_RULE }]);
    case 'blocked':
      return { code: 'conflict', detail: refusal.detail };
    case 'denied': {
      const detail = `Nobody can give rights that they do not have. ${wordsOf(refusal.errors)}`;
      return { code: 'permission_denied', detail, errors: refusal.errors };
    }
    case 'invalid':
      return invalid(refusal.errors);
    case 'unknown_references':
      return invalid(refusal.fields.map((field) => ({ pointer: `${scopeAt}/${field}`, detail: REFERENCES[field] })));
  }
}

/** Also what another tenant's is answered with. */
export const NOT_FOUND: DomainError = { code: 'not_found', detail: 'The tenant has nothing of this id here.' };

function invalid(errors: readonly FieldError[]): DomainError {
  return { code: 'bad_request', detail: `The request is not valid. ${wordsOf(errors)}`, errors };
}

function wordsOf(errors: readonly FieldError[]): string {
  return errors.map(({ pointer, detail }) => `${pointer || 'the body'}: ${detail}`).join('; ');
}
