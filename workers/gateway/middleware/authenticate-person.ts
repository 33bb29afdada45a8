import { createMiddleware } from 'hono/factory';
import * as z from 'zod';
import type { DomainError } from '../../../shared/errors/domain-error.ts';
import { err, ok, type Result } from '../../../shared/errors/result.ts';
import { findPerson } from '../../../shared/services/sign-in-person.ts';
import type { AppContext, AppTypes } from '../app-context.ts';
import { SNAPSHOT_MAX_AGE_MS } from '../constants.ts';
import { errorResponse } from '../error-response.ts';
import { INVALID_TOKEN } from '../identity/member-of-request.ts';
import { identityUnavailable, unauthenticated } from '../identity/refusals.ts';
import { sentCredentials } from '../identity/sent-credentials.ts';
import { sessionOfRequest } from '../identity/session-of-request.ts';

/** The person who asks, where no tenant is named. */
export interface RequestPerson {
  readonly userId: string;
  readonly email: string;
  /** Their identity provider has checked that the address is theirs. */
  readonly emailVerified: boolean;
  readonly name: string;
  /** The session that asks, in epoch milliseconds; null for an access token. */
  readonly session: { readonly id: string; readonly createdAt: number; readonly expiresAt: number } | null;
  /** The same session's id. */
  readonly sessionId: string | null;
  /** The only tenant that they may be in, since its own identity provider brought them; null: any of theirs. */
  readonly tenantId: string | null;
}

const uuid = z.uuid();

const NO_CREDENTIAL =
  'This is for people: sign in at /v1/auth/login, or send an access token as Authorization: Bearer.';

const NO_PERSON: DomainError = { code: 'permission_denied', detail: 'This is for people, and an API key is none.' };

/**
 * Establishes the person who asks, by their session or an access token, before the body is read. An access token of a
 * tenant's own identity provider needs X-Tenant-Id. Refuses API keys. Fails closed when identity cannot be checked.
 */
export const authenticatePerson = createMiddleware<AppTypes>(async (context, next) => {
  const person = await establishPerson(context);
  if (!person.ok) return errorResponse(context, person.error);
  context.set('person', person.value);
  const actor = { kind: 'user', userId: person.value.userId } as const;
  context.set('logger', context.get('logger').with({ actor }));
  return await next();
});

async function establishPerson(context: AppContext): Promise<Result<RequestPerson, DomainError>> {
  const { authorization, bearer, key } = sentCredentials(context);
  if (key !== undefined) {
    await knowKey(context, key);
    return err(NO_PERSON);
  }
  try {
    if (bearer !== undefined) return await byAccessToken(context, bearer);
    if (authorization === undefined) return await bySession(context);
  } catch (error) {
    context.get('logger').error('authentication.unavailable', { error });
    return err(identityUnavailable());
  }
  return err(unauthenticated(NO_CREDENTIAL));
}

/** Whose key it is that is refused, for the audit log. What cannot be known now stays unknown: the answer is the same. */
async function knowKey(context: AppContext, key: string): Promise<void> {
  const { apiKeys, settings } = context.get('ports');
  const claims = apiKeys.read(key);
  if (claims?.region !== settings.region) return;
  const found = await apiKeys.find(key, claims, SNAPSHOT_MAX_AGE_MS, () => false).catch(() => null);
  if (!found) return;
  const { apiKey, tenant } = found;
  context.set('asker', { tenantId: tenant.tenantId, actor: { kind: 'api_key', apiKeyId: apiKey.id } });
}

async function bySession(context: AppContext): Promise<Result<RequestPerson, DomainError>> {
  const session = await sessionOfRequest(context);
  if (!session.ok) return session;
  if (!session.value) return err(unauthenticated(NO_CREDENTIAL));
  const { sessionId, userId, email, emailVerified, name, homeTenantId, createdAt, expiresAt } = session.value;
  return ok({
    ...{ userId, email, emailVerified, name, sessionId },
    session: { id: sessionId, createdAt, expiresAt },
    tenantId: homeTenantId,
  });
}

async function byAccessToken(context: AppContext, token: string): Promise<Result<RequestPerson, DomainError>> {
  const { verifyAccessToken, db } = context.get('ports');
  const tenantId = uuid.safeParse(context.req.header('x-tenant-id')?.toLowerCase()).data ?? null;
  const verified = await verifyAccessToken(token, tenantId);
  if (!verified.ok)
    return err(verified.error === 'unavailable' ? identityUnavailable() : unauthenticated(INVALID_TOKEN));
  const person = await findPerson({ db, ...verified.value });
  if (person?.status !== 'active') {
    return err(unauthenticated('Nobody is known by this access token. Sign in once at /v1/auth/login.'));
  }
  const { userId, email, emailVerified, name } = person;
  const { homeTenantId } = verified.value;
  return ok({ userId, email, emailVerified, name, session: null, sessionId: null, tenantId: homeTenantId });
}
