import type { ProviderName } from '../../shared/providers/contract.ts';
import type { FailureBilling, ProviderErrorKind, RetryAdvice } from '../../shared/providers/provider-error.ts';
import { STREAMS } from './fixtures.ts';
import { breakAfter, type Misbehaviour, reset, respond } from './misbehaving-vendor.ts';

/** What a failure must become: its kind, whether the vendor may bill it, and how long it asks to wait. */
export interface Cell {
  readonly kind: ProviderErrorKind;
  readonly billing: FailureBilling;
  readonly retryAfterMs?: number;
}

/** One way in which a call goes wrong. */
export interface Fault {
  readonly name: string;
  /** What the server does; or the address is one where there is none; or it says nothing until the caller gives up. */
  readonly does: ((provider: ProviderName) => Misbehaviour) | 'refuse' | 'unknown-host' | 'hang';
  readonly generate: Cell;
  /** Where a stream becomes something else. */
  readonly stream?: Cell;
}

/** How each kind may be tried again: an attempt that has shown nothing to the caller yet. */
export const ADVICE: Record<ProviderErrorKind, RetryAdvice> = {
  retryable: 'same-provider',
  'rate-limited': 'other-provider',
  overloaded: 'other-provider',
  auth: 'other-provider',
  validation: 'never',
  'model-not-found': 'other-provider',
  'context-too-long': 'other-provider',
  'content-filtered': 'never',
  timeout: 'other-provider',
  canceled: 'never',
  'upstream-cut': 'same-provider',
  'bad-response': 'same-provider',
};

const EVENT_STREAM = { 'content-type': 'text/event-stream' };
const DATE = 'Thu, 01 Jan 2026 00:00:00 GMT';
const NINE_SECONDS_LATER = 'Thu, 01 Jan 2026 00:00:09 GMT';

/** An error in the vendor's own words. */
function errorBody(provider: ProviderName, status: number): object {
  const message = 'as the test asked';
  switch (provider) {
    case 'anthropic':
      return { type: 'error', error: { type: 'test_error', message }, request_id: 'req_test' };
    case 'google':
      return { error: { code: status, message, status: 'TEST_ERROR' } };
    case 'mistral':
      return { object: 'error', message, type: 'test_error', param: null, code: null };
    default:
      return { error: { message, type: 'test_error', param: null, code: null } };
  }
}

function status(code: number, cell: Cell, headers: Readonly<Record<string, string>> = {}, suffix = ''): Fault {
  const does = (provider: ProviderName) =>
    respond({
      status: code,
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(errorBody(provider, code)),
    });
  return { name: `${code}${suffix}`, does, generate: cell };
}

function body(name: string, contentType: string, content: string, stream?: Cell): Fault {
  const does = () => respond({ headers: { 'content-type': contentType }, body: content });
  return { name, does, generate: maybeBilled('bad-response'), ...(stream && { stream }) };
}

/** The first event of a vendor's stream. */
function firstEvent(provider: ProviderName): string {
  const stream = STREAMS.find((fixture) => fixture.provider === provider);
  return stream?.body.split(/(?<=\n\n)/)[0] ?? '';
}

const free = (kind: ProviderErrorKind): Cell => ({ kind, billing: 'not-billed' });
const maybeBilled = (kind: ProviderErrorKind): Cell => ({ kind, billing: 'maybe-billed' });

/** F7: every fault, and what each provider's adapter must make of it. No provider differs. */
export const FAULTS: readonly Fault[] = [
  { name: 'connection refused', does: 'refuse', generate: free('retryable') },
  { name: 'unknown host', does: 'unknown-host', generate: free('retryable') },
  { name: 'connection reset', does: () => reset, generate: maybeBilled('retryable') },
  { name: 'no answer in time', does: 'hang', generate: maybeBilled('timeout') },
  status(302, free('bad-response'), { location: 'http://127.0.0.1:1/' }),
  status(400, free('validation')),
  status(401, free('auth')),
  status(402, free('auth')),
  status(403, free('auth')),
  status(404, free('model-not-found')),
  status(408, free('timeout')),
  status(409, free('retryable')),
  status(413, free('context-too-long')),
  status(422, free('validation')),
  status(429, free('rate-limited')),
  status(429, { ...free('rate-limited'), retryAfterMs: 7_000 }, { 'retry-after': '7' }, ', `Retry-After` in seconds'),
  status(
    429,
    { ...free('rate-limited'), retryAfterMs: 9_000 },
    { date: DATE, 'retry-after': NINE_SECONDS_LATER },
    ', `Retry-After` as a date',
  ),
  status(500, free('retryable')),
  status(502, maybeBilled('retryable')),
  status(503, free('overloaded')),
  status(504, maybeBilled('timeout')),
  status(529, free('overloaded')),
  body('empty body', 'text/event-stream', '', maybeBilled('upstream-cut')),
  body('HTML body', 'text/html', '<html>Welcome to nginx!</html>'),
  body('malformed JSON', 'application/json', '{"id":'),
  {
    name: 'malformed event',
    does: (provider) => respond({ headers: EVENT_STREAM, body: firstEvent(provider).replace(/.{9}\n\n$/, '\n\n') }),
    generate: maybeBilled('bad-response'),
  },
  {
    name: 'cut',
    does: (provider) => breakAfter([firstEvent(provider)], { headers: EVENT_STREAM }),
    generate: maybeBilled('retryable'),
    stream: maybeBilled('upstream-cut'),
  },
];
