import type { ClientProvider } from './feature.ts';
import type { Played } from './vendor-plays.ts';
import { ASKS } from './vendor-says.ts';

/** Longer than the product waits itself, so that the client is told. */
export const RETRY_AFTER_SECONDS = 7;

interface Fault {
  readonly status: number;
  /** Anthropic's `type`, Google's `status`, and the `code` or `type` of the others. */
  readonly anthropic: string;
  readonly google: string;
  readonly others: string;
  readonly message: string;
}

const FAULTS: Readonly<Record<string, Fault>> = {
  [ASKS.rateLimited]: {
    status: 429,
    anthropic: 'rate_limit_error',
    google: 'RESOURCE_EXHAUSTED',
    others: 'rate_limit_exceeded',
    message: 'Rate limit reached.',
  },
  [ASKS.unauthorized]: {
    status: 401,
    anthropic: 'authentication_error',
    google: 'UNAUTHENTICATED',
    others: 'invalid_api_key',
    message: 'Incorrect API key provided.',
  },
  [ASKS.crashed]: {
    status: 500,
    anthropic: 'api_error',
    google: 'INTERNAL',
    others: 'server_error',
    message: 'Something broke.',
  },
  [ASKS.invalid]: {
    status: 400,
    anthropic: 'invalid_request_error',
    google: 'INVALID_ARGUMENT',
    others: 'invalid_request_error',
    message: 'That is not how it is done.',
  },
  [ASKS.unknownModel]: {
    status: 404,
    anthropic: 'not_found_error',
    google: 'NOT_FOUND',
    others: 'model_not_found',
    message: 'The model does not exist.',
  },
};

/** What each vendor says of a prompt that its model cannot hold, where it documents that. */
const TOO_LONG: { readonly [Provider in ClientProvider]?: string } = {
  openai: "This model's maximum context length is 128000 tokens.",
  anthropic: 'prompt is too long: 210000 tokens > 200000 maximum',
  google: 'The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).',
  mistral: 'Prompt contains 140000 tokens, too large for model with 131072 maximum context length',
};

/** The refusal that the user's message asks for, in the vendor's documented form. */
export function faultOf(provider: ClientProvider, asked: string): Played | undefined {
  const tooLong = TOO_LONG[provider];
  if (asked.includes(ASKS.tooLong) && tooLong) {
    const fault = { anthropic: 'invalid_request_error', google: 'INVALID_ARGUMENT', others: 'context_length_exceeded' };
    return answer(provider, { ...fault, status: 400, message: tooLong });
  }
  const found = Object.entries(FAULTS).find(([says]) => asked.includes(says));
  return found && answer(provider, found[1]);
}

function answer(provider: ClientProvider, fault: Fault): Played {
  const { status } = fault;
  const isLimit = status === 429 && provider !== 'google';
  return {
    status,
    headers: { 'content-type': 'application/json', ...(isLimit && { 'retry-after': String(RETRY_AFTER_SECONDS) }) },
    body: JSON.stringify(bodyOf(provider, fault)),
  };
}

function bodyOf(provider: ClientProvider, { status, anthropic, google, others, message }: Fault): object {
  if (provider === 'anthropic') return { type: 'error', error: { type: anthropic, message }, request_id: 'req_played' };
  if (provider === 'google') {
    const retry = { '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: `${RETRY_AFTER_SECONDS}s` };
    return { error: { code: status, message, status: google, ...(status === 429 && { details: [retry] }) } };
  }
  if (provider === 'mistral') return { object: 'error', message, type: others, param: null, code: null };
  return { error: { message, type: others, param: null, code: others } };
}
