import type { MiddlewareHandler, Next } from 'hono';
import { uuidv7 } from 'uuidv7';
import type { ClaimReply } from '../../../shared/contracts/idempotency.ts';
import { toBase64Url } from '../../../shared/crypto/bytes.ts';
import { digestOf } from '../../../shared/crypto/text-digest.ts';
import type { DomainError } from '../../../shared/errors/domain-error.ts';
import { answer } from '../answer.ts';
import type { AppContext, AppTypes } from '../app-context.ts';
import { CHANGE_LEASE_MS, IN_FLIGHT_RETRY_MS, PROVIDER_LEASE_MS, UNAVAILABLE_RETRY_MS } from '../constants.ts';
import { errorResponse } from '../error-response.ts';
import { answerLost } from './answer-lost.ts';
import { Claim } from './claim.ts';
import { fingerprintOf } from './digests.ts';
import { fateOfRun, wasBilled } from './fate-of-run.ts';
import { type KeyScope, keyScopeOf } from './key-scope.ts';
import { callsProvider } from './policies.ts';
import { readKey } from './read-key.ts';
import { recorded } from './record-answer.ts';
import { openSealed, sealWith } from './seal.ts';

/** Objects that a tenant's keys are spread over. A power of two. */
const SHARDS = 16;

/** Headers of an answer that are kept with it; those of every answer are each request's own. */
const KEPT_HEADERS = [
  ...['content-type', 'cache-control', 'x-accel-buffering', 'x-should-retry', 'retry-after', 'etag', 'location'],
  ...['x-eufm-provider', 'x-eufm-model', 'x-eufm-cost-usd', 'x-eufm-warnings'],
];

const NO_KEY: DomainError = {
  code: 'bad_request',
  detail: 'Idempotency-Key must be 1 to 255 visible ASCII characters, bare or as a quoted string.',
  errors: [{ pointer: 'Idempotency-Key', detail: 'must be 1 to 255 visible ASCII characters' }],
};

/**
 * Runs a request that has an `Idempotency-Key` once
 * (https://datatracker.ietf.org/doc/html/draft-ietf-httpapi-idempotency-key-header-07): later ones with the key get its
 * answer, byte for byte, or are refused. Comes behind the guards of a route, so that whoever gets an answer has the right to
 * ask for it, and a request that is not valid has no part in it. Fails closed: a key that cannot be looked up is no key that
 * is free. A request without the header is handed on as it is.
 */
export function idempotent(operationId: string): MiddlewareHandler<AppTypes> {
  return (context, next) => {
    const header = context.req.header('idempotency-key');
    if (header === undefined) return next();
    return runOnce(context, next, { header, isAtMostOnce: callsProvider(operationId, context.get('body')) });
  };
}

interface KeyedRequest {
  readonly header: string;
  readonly isAtMostOnce: boolean;
}

async function runOnce(
  context: AppContext,
  next: Next,
  { header, isAtMostOnce }: KeyedRequest,
): Promise<Response | undefined> {
  const key = readKey(header);
  if (key === null) return errorResponse(context, NO_KEY);
  const claimed = await claimKey(context, key, isAtMostOnce).catch((error: unknown) => {
    context.get('logger').error('idempotency.unavailable', { error });
    return null;
  });
  if (claimed instanceof Response) return claimed;
  if (claimed === null) {
    const detail = 'The Idempotency-Key cannot be looked up right now. Nothing was done.';
    return errorResponse(context, { code: 'unavailable', detail, retryAfterMs: UNAVAILABLE_RETRY_MS });
  }
  context.set('claim', claimed);
  const ended = next().then(() => endRun(context, claimed, isAtMostOnce));
  context.executionCtx.waitUntil(ended); // a client that leaves does not leave its key without an answer
  await ended;
  return undefined;
}

/** Claims the key for this request, or answers as the one that has it says. */
async function claimKey(context: AppContext, key: string, isAtMostOnce: boolean): Promise<Claim | Response> {
  const { vault, idempotencyStore } = context.get('ports');
  const { scope, actor } = keyScopeOf(context);
  const digest = await digestOf(key);
  const store = idempotencyStore(scope, (digest[0] ?? 0) % SHARDS);
  const name = { keyHash: toBase64Url(digest), claimId: crypto.randomUUID() };
  const leaseMs = isAtMostOnce ? PROVIDER_LEASE_MS : CHANGE_LEASE_MS;
  const reply = await store.claim({
    ...{ ...name, leaseMs, fingerprint: await fingerprintOf(context, actor), effectId: uuidv7() },
    ...{ requestId: context.get('requestId'), mayTakeOver: !isAtMostOnce },
  });
  if (reply.state === 'answered') return await replay(context, scope, reply);
  if (reply.state !== 'claimed') return errorResponse(context, refusalOf(reply));
  const { effectId } = reply;
  const seal = isAtMostOnce ? null : sealWith(vault, scope, effectId);
  return new Claim(context, { store, name, effectId, leaseMs, seal });
}

/** Why a request with a key is not run. */
interface Taken {
  readonly state: 'in_flight' | 'other_request' | 'lost';
  readonly requestId: string;
}

function refusalOf({ state, requestId }: Taken): DomainError {
  if (state === 'lost') return answerLost(requestId);
  if (state === 'in_flight') {
    const detail = `The request with this Idempotency-Key is running: ${requestId}. Ask again for its answer.`;
    return { code: 'idempotency_in_flight', detail, retryAfterMs: IN_FLIGHT_RETRY_MS };
  }
  const detail = `This Idempotency-Key was used for another request: ${requestId}. Take a new key for each request.`;
  return { code: 'idempotency_key_reused', detail };
}

/** The kept answer, with this request's own id and place in a trace. */
async function replay(
  context: AppContext,
  scope: KeyScope,
  { requestId, effectId, answer: kept }: Extract<ClaimReply, { state: 'answered' }>,
): Promise<Response> {
  const { vault } = context.get('ports');
  const body = kept.isSealed ? await openSealed(vault, scope, effectId, kept.body) : kept.body;
  context.get('logFields').replayOf = requestId;
  return answer(context, kept.status === 204 ? null : body, kept.status, {
    ...kept.headers,
    'idempotent-replayed': 'true',
    'x-eufm-original-request-id': requestId,
  });
}

/** Keeps the answer with its key, or sets the key free. A stream is kept when its client has read it to its end. */
async function endRun(context: AppContext, claim: Claim, isAtMostOnce: boolean): Promise<void> {
  const { res: response } = context;
  const { status } = response;
  const logFields = context.get('logFields');
  const headers = Object.fromEntries([...response.headers].filter(([name]) => KEPT_HEADERS.includes(name)));
  if (context.get('isStreamed') && response.body) {
    const body = recorded(response.body, {
      onChunk: () => claim.renew(),
      onEnd: (body) => {
        if (!wasBilled(logFields)) return claim.forget();
        return body ? claim.keep({ status, headers, body }) : claim.lapse();
      },
      onBreak: () => claim.lapse(),
    });
    replaceResponse(context, new Response(body, response));
    return;
  }
  const fate = fateOfRun({ status, logFields, isAtMostOnce });
  if (fate !== 'keep') return await claim[fate]();
  const body = new Uint8Array(await response.arrayBuffer());
  await claim.keep({ status, headers, body });
  replaceResponse(context, new Response(status === 204 ? null : body, response));
}

/** Hono adds the headers of the former response to a new one, unless that is taken away first. */
function replaceResponse(context: AppContext, response: Response): void {
  context.res = undefined;
  context.res = response;
}
