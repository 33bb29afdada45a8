import { createMiddleware } from 'hono/factory';
import { hashScimToken, parseScimToken } from '../../../shared/auth/scim-token.ts';
import type { DomainError } from '../../../shared/errors/domain-error.ts';
import { err, ok, type Result } from '../../../shared/errors/result.ts';
import {
  type FoundConnection,
  findScimToken,
  noteScimTokenUse,
} from '../../../shared/services/scim/find-scim-token.ts';
import type { AppContext, AppTypes } from '../app-context.ts';
import { errorResponse } from '../error-response.ts';
import { identityUnavailable, unauthenticated, wrongRegion } from '../identity/refusals.ts';
import { sentCredentials } from '../identity/sent-credentials.ts';
import { writeScimError } from '../scim/write-error.ts';

/**
 * Establishes the identity provider that a request of SCIM is from, by its token, which names its tenant itself, and makes
 * all errors SCIM's. Order of refusals: no valid token 401, wrong region 421, another tenant named, or one that rests, 403.
 */
export const authenticateScim = createMiddleware<AppTypes>(async (context, next) => {
  context.set('writeError', writeScimError);
  const found = await establish(context);
  if (!found.ok) return errorResponse(context, found.error);
  const { tenantId, tokenId, isUseOld } = found.value;
  context.set('scim', found.value);
  const actor = { kind: 'scim_token', scimTokenId: tokenId };
  context.set('logger', context.get('logger').with({ tenantId, actor }));
  if (isUseOld) context.executionCtx.waitUntil(noteUse(context, found.value));
  return await next();
});

async function establish(context: AppContext): Promise<Result<FoundConnection, DomainError>> {
  const { db, settings } = context.get('ports');
  const { bearer: token } = sentCredentials(context);
  const claims = token === undefined ? null : parseScimToken(token);
  if (token === undefined || !claims) {
    return err(unauthenticated('Send a SCIM token (eufm_scim_…) as Authorization: Bearer.'));
  }
  if (claims.region !== settings.region) return err(wrongRegion(settings, 'token', claims.region));
  try {
    const tokenHash = await hashScimToken(token);
    const found = await findScimToken({ db, tenantId: claims.tenantId, tokenHash });
    if (!found) return err(unauthenticated('The SCIM token is unknown, expired or revoked.'));
    return check(context, found);
  } catch (error) {
    context.get('logger').error('authentication.unavailable', { tenantId: claims.tenantId, error });
    return err(identityUnavailable());
  }
}

function check(context: AppContext, found: FoundConnection): Result<FoundConnection, DomainError> {
  const named = context.req.header('x-tenant-id')?.toLowerCase();
  if (named !== undefined && named !== found.tenantId) {
    return err({ code: 'tenant_mismatch', detail: 'The token belongs to another tenant than X-Tenant-Id names.' });
  }
  if (found.status !== 'active') return err({ code: 'tenant_suspended', detail: 'The tenant is suspended.' });
  return ok(found);
}

async function noteUse(context: AppContext, connection: FoundConnection): Promise<void> {
  try {
    await noteScimTokenUse(context.get('ports').db, connection);
  } catch (error) {
    context.get('logger').warn('scim_token_use.not_written', { error });
  }
}
