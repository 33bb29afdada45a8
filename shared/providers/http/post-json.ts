import type * as z from 'zod';
import { readBoundedText } from '../../platform/read-bounded-text.ts';
import { MAX_ANSWER_BYTES, MAX_ERROR_BODY_BYTES } from '../constants.ts';
import type { NativeStream, PartStream, ProviderName, RateLimitHints, VerifyOptions } from '../contract.ts';
import { ProviderError } from '../provider-error.ts';
import type { ChunkReducer } from './chunk-reducer.ts';
import { statusError, type VendorFault } from './status-error.ts';
import { streamGroups, streamParts } from './stream-parts.ts';
import { transportError, unsendableError } from './transport-error.ts';

/** A request whose JSON body, if it has one, is built and whose vendor can explain its own errors. */
export interface JsonRequest {
  readonly provider: ProviderName;
  readonly url: string;
  /** The credential and what else the vendor wants; content type and trace context are added. */
  readonly headers: Readonly<Record<string, string>>;
  /** Absent: the request is a GET. */
  readonly body?: unknown;
  readonly readFault: (body: unknown) => VendorFault;
  /** Absent where the vendor's headers tell nothing of the account's limits. */
  readonly readRateLimitHints?: (headers: Headers, now: number) => RateLimitHints;
  readonly options: VerifyOptions;
}

/** Sends one request and answers its 2xx response, unread. Rejects with a `ProviderError` in every other case. */
export async function post(request: JsonRequest): Promise<Response> {
  const { provider, url, headers, body, readFault, readRateLimitHints } = request;
  // `fetch` is detached: workerd's refuses a receiver.
  const { fetch, abortSignal, traceparent, now, onRateLimitHints } = request.options;
  if (abortSignal.aborted) {
    const { kind, message, cause } = transportError(provider, undefined, abortSignal);
    throw ProviderError.of(kind, message, { cause });
  }
  let response: Response;
  try {
    response = await fetch(url, {
      ...(body === undefined ? { method: 'GET' } : { method: 'POST', body: JSON.stringify(body) }),
      headers: { ...headers, 'content-type': 'application/json', ...(traceparent && { traceparent }) },
      redirect: 'manual',
      signal: abortSignal,
    });
  } catch (thrown) {
    throw unsendableError(provider, thrown) ?? transportError(provider, thrown, abortSignal);
  }
  if (readRateLimitHints) onRateLimitHints?.(readRateLimitHints(response.headers, now()));
  if (response.ok) return response;
  const explanation = await readBoundedText(response, MAX_ERROR_BODY_BYTES).catch(() => '');
  throw statusError(provider, response, readFault(parseJson(explanation)));
}

/** A request whose answer is JSON, and what is read of it. */
interface ReadRequest<T> extends JsonRequest {
  readonly schema: z.ZodType<T>;
  readonly maxAnswerBytes?: number;
}

/** Sends one request and answers its parsed body. Rejects with a `ProviderError` in every other case. */
export async function postJson<T>(request: ReadRequest<T>): Promise<T> {
  return (await postVerbatim(request)).answer;
}

/** As `postJson`, and the body as it came beside what was read of it. */
export async function postVerbatim<T>(request: ReadRequest<T>): Promise<{ readonly text: string; readonly answer: T }> {
  const { provider, schema, options, maxAnswerBytes = MAX_ANSWER_BYTES } = request;
  const response = await post(request);
  let text: string;
  try {
    text = await readBoundedText(response, maxAnswerBytes);
  } catch (thrown) {
    throw transportError(provider, thrown, options.abortSignal);
  }
  const parsed = schema.safeParse(parseJson(text));
  if (parsed.success) return { text, answer: parsed.data };
  throw unexpectedBody(provider, response, parsed.error);
}

/** Sends one request and answers the parts that `reducer` makes of its event stream. Rejects until there is one. */
export async function postStream(request: JsonRequest & { readonly reducer: ChunkReducer }): Promise<PartStream> {
  const { provider, reducer, options } = request;
  const body = await postForEvents(request);
  return streamParts({ provider, bytes: body.getReader(), reducer, abortSignal: options.abortSignal });
}

/** As `postStream`, the event stream as it comes. `createReducer` is for the one time that it is read. */
export async function postNativeStream(
  request: JsonRequest & { readonly createReducer: () => ChunkReducer },
): Promise<NativeStream> {
  const { provider, createReducer, options } = request;
  const { abortSignal } = options;
  const body = await postForEvents(request);
  return { body, read: (bytes) => streamGroups({ provider, bytes, reducer: createReducer(), abortSignal }) };
}

/** Sends one request and answers its event stream, unread. Rejects with a `ProviderError` in every other case. */
async function postForEvents(request: JsonRequest): Promise<ReadableStream<Uint8Array>> {
  const response = await post(request);
  const contentType = response.headers.get('content-type');
  if (contentType === null || /^text\/event-stream\s*(;|$)/i.test(contentType)) {
    return response.body ?? new Blob().stream();
  }
  await response.body?.cancel().catch(() => {});
  throw unexpectedBody(request.provider, response, new TypeError('not an event stream'));
}

function unexpectedBody(provider: ProviderName, { status }: Response, cause: Error): ProviderError {
  return ProviderError.of('bad-response', `${provider} answered ${status} with an unexpected body`, {
    status,
    billing: 'maybe-billed',
    cause,
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
