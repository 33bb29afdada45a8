import {
  type AuthorizationServer,
  authorizationCodeGrantRequest,
  type Client,
  ClientSecretBasic,
  calculatePKCECodeChallenge,
  generateRandomCodeVerifier,
  generateRandomNonce,
  generateRandomState,
  None,
  processAuthorizationCodeResponse,
  processUserInfoResponse,
  userInfoRequest,
  validateAuthResponse,
} from 'oauth4webapi';
import * as z from 'zod';
import { verifyIdToken } from '../../../shared/auth/verify-id-token.ts';
import type { IdentityClaims } from '../../../shared/services/sign-in-person.ts';
import { SIGN_IN_MAX_AGE_MS } from '../constants.ts';
import type { SignInProvider } from './identity-provider-directory.ts';
import type { OpenIdIssuers } from './openid-issuers.ts';

/** A sign-in that was begun: what its browser must bring back, and what its answer is held to. */
export const signInAttempt = z.object({
  /** Null: at the platform's provider. */
  reference: z.object({ tenantId: z.uuid(), providerId: z.uuid() }).nullable(),
  issuer: z.string(),
  state: z.string(),
  nonce: z.string(),
  verifier: z.string(),
  redirectUri: z.string(),
  returnTo: z.string(),
  /** Epoch milliseconds. */
  expiresAt: z.number(),
});
export type SignInAttempt = z.infer<typeof signInAttempt>;

/** Who signed in, as their provider says, and its own session. */
export interface SignedIn extends IdentityClaims {
  /** What it calls them by SCIM; null: it does not say. */
  readonly externalId: string | null;
  readonly sid: string | null;
}

const profile = z.object({
  email: z.email().max(320).optional().catch(undefined),
  email_verified: z.boolean().optional().catch(undefined),
  name: z.string().min(1).max(200).optional().catch(undefined),
});

/**
 * Begins the authorization code flow with PKCE (RFC 6749, 7636, 9700; OpenID Connect Core 1.0): where to send the browser,
 * and what to keep of the attempt. Throws when the provider is away.
 */
export async function beginSignIn(
  issuers: OpenIdIssuers,
  provider: SignInProvider,
  { redirectUri, returnTo, now }: { readonly redirectUri: string; readonly returnTo: string; readonly now: number },
): Promise<{ readonly url: string; readonly attempt: SignInAttempt }> {
  const { authorization_endpoint: endpoint } = await issuers.metadataOf(provider.issuer);
  if (!endpoint) throw new Error('the provider has no authorization endpoint');
  const { homeTenantId: tenantId, providerId } = provider;
  const attempt: SignInAttempt = {
    reference: tenantId !== null && providerId !== null ? { tenantId, providerId } : null,
    issuer: provider.issuer,
    state: generateRandomState(),
    nonce: generateRandomNonce(),
    verifier: generateRandomCodeVerifier(),
    redirectUri,
    returnTo,
    expiresAt: now + SIGN_IN_MAX_AGE_MS,
  };
  const url = new URL(endpoint);
  const parameters = {
    response_type: 'code',
    client_id: provider.clientId,
    redirect_uri: redirectUri,
    scope: 'openid email profile',
    state: attempt.state,
    nonce: attempt.nonce,
    code_challenge: await calculatePKCECodeChallenge(attempt.verifier),
    code_challenge_method: 'S256',
  };
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  return { url: url.href, attempt };
}

/**
 * Takes the provider's answer: checks its state and issuer (RFC 9207), trades the code in, and verifies the ID token. Throws
 * on an answer that is not to be trusted and when the provider is away; the reason is for the log only.
 */
export async function finishSignIn(
  issuers: OpenIdIssuers,
  provider: SignInProvider,
  attempt: SignInAttempt,
  { callback, now }: { readonly callback: URL; readonly now: number },
): Promise<SignedIn> {
  const server = await issuers.metadataOf(provider.issuer);
  const secret = await provider.clientSecret();
  const client: Client = { client_id: provider.clientId };
  const parameters = validateAuthResponse(server, client, callback, attempt.state);
  const options = issuers.requestOptions();
  const response = await authorizationCodeGrantRequest(
    server,
    client,
    secret === null ? None() : ClientSecretBasic(secret),
    parameters,
    attempt.redirectUri,
    attempt.verifier,
    options,
  );
  const tokens = await processAuthorizationCodeResponse(server, client, response, {
    expectedNonce: attempt.nonce,
    requireIdToken: true,
  });
  const { issuer, clientId } = provider;
  const verified = await verifyIdToken(tokens.id_token ?? '', {
    ...{ issuer, clientId, nonce: attempt.nonce, key: issuers.keysOf(issuer), now },
  });
  if (!verified.ok) throw new Error(`the ID token is ${verified.error}`);
  const { sub: subject = '', sid, ...claims } = verified.value;
  const {
    email,
    email_verified: emailVerified = false,
    name,
  } = await profileOf(server, client, {
    ...{ claims, subject, accessToken: tokens.access_token, options },
  });
  return {
    ...{ issuer, subject, homeTenantId: provider.homeTenantId },
    ...{ email: email ?? null, emailVerified, name: name ?? null },
    externalId: textOf(verified.value[provider.externalIdClaim]),
    sid: textOf(sid),
  };
}

function textOf(claim: unknown): string | null {
  return typeof claim === 'string' && claim !== '' ? claim : null;
}

/** From the ID token, or where that has no address from the provider's userinfo endpoint. */
async function profileOf(
  server: AuthorizationServer,
  client: Client,
  known: {
    readonly claims: object;
    readonly subject: string;
    readonly accessToken: string;
    readonly options: ReturnType<OpenIdIssuers['requestOptions']>;
  },
): Promise<z.infer<typeof profile>> {
  const told = profile.parse(known.claims);
  if (told.email !== undefined || server.userinfo_endpoint === undefined) return told;
  const response = await userInfoRequest(server, client, known.accessToken, known.options);
  return profile.parse(await processUserInfoResponse(server, client, known.subject, response));
}
