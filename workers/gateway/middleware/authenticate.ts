import type { Next } from 'hono';
import { createMiddleware } from 'hono/factory';
import * as z from 'zod';
import type { TenantContext } from '../../../shared/auth/tenant-context.ts';
import type { SnapshotApiKey } from '../../../shared/contracts/tenant-snapshot.ts';
import type { DomainError } from '../../../shared/errors/domain-error.ts';
import { err, ok, type Result } from '../../../shared/errors/result.ts';
import type { AppContext, AppTypes } from '../app-context.ts';
import { clientAddress } from '../client-address.ts';
import { SNAPSHOT_BEFORE_HOLD_MAX_AGE_MS, SNAPSHOT_MAX_AGE_MS } from '../constants.ts';
import { errorResponse } from '../error-response.ts';
import { memberByAccessToken, memberBySession } from '../identity/member-of-request.ts';
import { identityUnavailable, unauthenticated, wrongRegion } from '../identity/refusals.ts';
import { refuseKeyUse } from '../identity/refuse-key-use.ts';
import { sentCredentials } from '../identity/sent-credentials.ts';

const uuid = z.uuid();

const NO_CREDENTIAL =
  'Send an API key (eufm_…) in X-API-Key or as Authorization: Bearer, an access token as the latter, or a session cookie.';

const TENANT_MISSING: DomainError = {
  code: 'tenant_header_missing',
  detail: 'Name the tenant that the request is for in the X-Tenant-Id header.',
};

const SUSPENDED: DomainError = { code: 'tenant_suspended', detail: 'The tenant is suspended.' };

/** Where a query may name the tenant: browsers let no page send a header with an EventSource or a WebSocket. */
const QUERY_PATHS: readonly string[] = ['/v1/events', '/v1/events/ws'];

/** How identity is established. */
export interface Authentication {
  /** `any`: an API key finds its tenant, as clients of other APIs need it. One that is named all the same must be that one. */
  readonly tenant: 'named' | 'any';
  /**
   * `now`: by a configuration that is seconds old at most. `hold`: by any that is known here, since nothing is done before
   * a hold, which TenantGate grants by the configuration in force.
   */
  readonly checkedBy: 'now' | 'hold';
}

/**
 * Establishes the tenant and who asks, before the body is read. Order of refusals: no tenant named 400, no valid
 * credential 401, wrong region 421, another tenant's or environment's 403. Fails closed when identity cannot be checked.
 */
export function authenticate({ tenant, checkedBy }: Authentication) {
  const maxAgeMs = checkedBy === 'hold' ? SNAPSHOT_BEFORE_HOLD_MAX_AGE_MS : SNAPSHOT_MAX_AGE_MS;
  return createMiddleware<AppTypes>(async (context, next) => {
    const tenantId = tenantHeader(context);
    if (!tenantId.ok) return errorResponse(context, tenantId.error);
    if (tenantId.value === null && tenant === 'named') return errorResponse(context, TENANT_MISSING);
    return await enter(context, { tenantId: tenantId.value, maxAgeMs }, next);
  });
}

/** What a request says of its tenant, and how old the configuration may be that it is judged by. */
interface Claim {
  readonly tenantId: string | null;
  readonly maxAgeMs: number;
}

/** The tenant that the request names, null when it names none. */
function tenantHeader(context: AppContext): Result<string | null, DomainError> {
  const inQuery = QUERY_PATHS.includes(context.req.path) ? context.req.query('tenantId') : undefined;
  const tenantId = (context.req.header('x-tenant-id') ?? inQuery)?.toLowerCase();
  if (tenantId === undefined) return ok(null);
  const isKnown = context.get('ports').tenants.known(tenantId) !== undefined;
  if (isKnown || uuid.safeParse(tenantId).success) return ok(tenantId);
  return err({ code: 'tenant_header_invalid', detail: 'X-Tenant-Id must be a UUID.' });
}

async function enter(context: AppContext, claim: Claim, next: Next): Promise<Response | undefined> {
  const authenticated = await establishTenant(context, claim);
  if (!authenticated.ok) return errorResponse(context, authenticated.error);
  const tenant = authenticated.value;
  if (tenant.snapshot.status === 'suspended') {
    return errorResponse(context, SUSPENDED);
  }
  context.set('tenant', tenant);
  context.set('logger', context.get('logger').with({ tenantId: tenant.tenantId, actor: tenant.actor }));
  await next();
  return undefined;
}

/**
 * Who asks, anew: for what runs on after its answer has begun. By a configuration that is no older than that; the refusal
 * that a request would get now, `unavailable` where that cannot be told.
 */
export async function authenticateAgain(
  context: AppContext,
  maxAgeMs: number,
): Promise<Result<TenantContext, DomainError>> {
  const { tenantId } = context.get('tenant');
  const { tenants } = context.get('ports');
  const snapshot = await tenants.find(tenantId, maxAgeMs).catch(() => null);
  if (!snapshot) return err(identityUnavailable());
  if (snapshot.status === 'suspended') return err(SUSPENDED);
  return await establishTenant(context, { tenantId, maxAgeMs });
}

async function establishTenant(context: AppContext, claim: Claim): Promise<Result<TenantContext, DomainError>> {
  const { tenantId } = claim;
  const { authorization, bearer, key } = sentCredentials(context);
  try {
    if (key !== undefined) return await byApiKey(context, claim, key);
    if (bearer !== undefined && tenantId === null && isAccessToken(bearer)) return err(TENANT_MISSING);
    if (bearer !== undefined && tenantId !== null) return await memberByAccessToken(context, tenantId, bearer);
    if (authorization === undefined && tenantId !== null) {
      const member = await memberBySession(context, tenantId);
      if (!member.ok) return member;
      if (member.value) return ok(member.value);
    }
  } catch (error) {
    context.get('logger').error('authentication.unavailable', { tenantId, error });
    return err(identityUnavailable());
  }
  return err(unauthenticated(NO_CREDENTIAL));
}

async function byApiKey(
  context: AppContext,
  { tenantId, maxAgeMs }: Claim,
  key: string,
): Promise<Result<TenantContext, DomainError>> {
  const { apiKeys, keyUses, settings, now } = context.get('ports');
  const claims = apiKeys.read(key);
  if (!claims) return err(unauthenticated('The API key is malformed: it was mistyped or cut.'));
  if (claims.region !== settings.region) return err(wrongRegion(settings, 'key', claims.region));
  const address = clientAddress(context);
  const refuse = (apiKey: SnapshotApiKey) => refuseKeyUse({ apiKey, address }, now());
  const found = await apiKeys.find(key, claims, maxAgeMs, (apiKey) => refuse(apiKey) !== null);
  if (!found) return err(unauthenticated('The API key is unknown, expired or revoked.'));
  const { apiKey, tenant: snapshot } = found;
  context.set('asker', { tenantId: snapshot.tenantId, actor: { kind: 'api_key', apiKeyId: apiKey.id } });
  const refusal = refuse(apiKey);
  if (refusal) return err(refusal);
  if (tenantId !== null && snapshot.tenantId !== tenantId) {
    return err({ code: 'tenant_mismatch', detail: 'The API key belongs to another tenant than X-Tenant-Id names.' });
  }
  const environmentId = context.req.header('x-env-id')?.toLowerCase();
  if (environmentId !== undefined && environmentId !== apiKey.environmentId) {
    const detail = 'The API key belongs to another environment than X-Env-Id names.';
    return err({ code: 'environment_mismatch', detail });
  }
  keyUses.note(snapshot.tenantId, apiKey.id, (work) => context.executionCtx.waitUntil(work));
  return ok({
    tenantId: snapshot.tenantId,
    actor: { kind: 'api_key', apiKeyId: apiKey.id },
    environmentId: apiKey.environmentId,
    permissions: scopesOf(apiKey),
    snapshot,
    keyUse: { apiKey, address },
  });
}

const scopes = new WeakMap<SnapshotApiKey, ReadonlySet<string>>();

function scopesOf(apiKey: SnapshotApiKey): ReadonlySet<string> {
  const known = scopes.get(apiKey) ?? new Set(apiKey.scopes);
  scopes.set(apiKey, known);
  return known;
}

/** By its form: three parts, as a signed JWT has. */
function isAccessToken(text: string): boolean {
  return text.split('.').length === 3;
}
