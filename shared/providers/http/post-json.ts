import type * as z from 'zod';
import { MAX_ANSWER_BYTES, MAX_ERROR_BODY_BYTES } from '../constants.ts';
import type { CallOptions, ProviderName } from '../contract.ts';
import { ProviderError } from '../provider-error.ts';
import { readText } from './read-text.ts';
import { statusError, type VendorFault } from './status-error.ts';
import { transportError, unsendableError } from './transport-error.ts';

/** A request whose JSON body is built and whose vendor can explain its own errors. */
export interface JsonRequest {
  readonly provider: ProviderName;
  readonly url: string;
  /** The credential and what else the vendor wants; content type and trace context are added. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
  readonly readFault: (body: unknown) => VendorFault;
  readonly options: CallOptions;
}

/** Sends one request and answers its 2xx response, unread. Rejects with a `ProviderError` in every other case. */
export async function post(request: JsonRequest): Promise<Response> {
  const { provider, url, headers, body, readFault } = request;
  const { fetch, abortSignal, traceparent } = request.options; // detached: workerd's fetch refuses a receiver
  if (abortSignal.aborted) {
    const { kind, message, cause } = transportError(provider, undefined, abortSignal);
    throw new ProviderError(kind, message, { cause });
  }
  let response: Response;
  try {
    response = await fetch(url, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json', ...(traceparent && { traceparent }) },
      body: JSON.stringify(body),
      redirect: 'manual',
      signal: abortSignal,
    });
  } catch (thrown) {
    throw unsendableError(provider, thrown) ?? transportError(provider, thrown, abortSignal);
  }
  if (response.ok) return response;
  const explanation = await readText(response, MAX_ERROR_BODY_BYTES).catch(() => '');
  throw statusError(provider, response, readFault(parseJson(explanation)));
}

/** Sends one request and answers its parsed body. Rejects with a `ProviderError` in every other case. */
export async function postJson<T>(request: JsonRequest & { readonly schema: z.ZodType<T> }): Promise<T> {
  const { provider, schema, options } = request;
  const response = await post(request);
  let text: string;
  try {
    text = await readText(response, MAX_ANSWER_BYTES);
  } catch (thrown) {
    throw transportError(provider, thrown, options.abortSignal);
  }
  const parsed = schema.safeParse(parseJson(text));
  if (parsed.success) return parsed.data;
  throw new ProviderError('bad-response', `${provider} answered ${response.status} with an unexpected body`, {
    status: response.status,
    billing: 'maybe-billed',
    cause: parsed.error,
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
