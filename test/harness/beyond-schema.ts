import { RATE_LIMIT_RULE } from '../../shared/contracts/http/rate-limits.ts';
import { PROVIDERS, REGIONS } from '../../shared/contracts/names.ts';
import type { Answer } from './described-app.ts';

/** What every refusal by a schema begins with. SCIM's are told by it from those for what a path leads to (RFC 7644, 3.5.2). */
const NOT_VALID = 'The request is not valid. ';

/** Codes that say no to a body's form. Every other code is about what exists, what is offered, or a state. */
const FORM_CODES = ['bad_request', 'invalid_request_error', 'invalid_json', 'body_too_complex', 'body_too_large'];

const TASK_RULES = [
  '/input: taskType "chat" takes a text, or an object with "messages".',
  '/input: taskType "completion" takes a text, or an object with "prompt".',
  '/input: taskType "embedding" takes a text, or an object with "texts".',
];

const TASK_TIMES = [
  '/executeAt: It lies more than thirty days ahead.',
  '/deadlineAt: It lies before the task may begin.',
  '/deadlineAt: It lies more than thirty days after the task may begin.',
];

const PLACE_RULES = [
  ...PROVIDERS.flatMap((provider) =>
    REGIONS.map((region) => `/region: ${provider} has no endpoint of its own in ${region}.`),
  ),
  ...REGIONS.map((region) => `/region: This base URL is in ${region}.`),
  '/region: The provider guarantees nothing of where this base URL is.',
];

const ROUTING_RULES = ['/strategy/rules/*: must have either `rules` or `use`'];

/**
 * What a body must be that its schema cannot say: rules between fields, and fields that must name what exists. Each is
 * `<pointer>: <what is said of it>`, with `*` for the number of an item, and is told in the description of the field or the
 * schema in openapi.json. A refusal in any other words is one for the form.
 */
const BEYOND_SCHEMA: Readonly<Record<string, readonly string[]>> = {
  orchestrate: TASK_RULES,
  createTask: [...TASK_RULES, ...TASK_TIMES],
  createTaskBatch: [...TASK_RULES, ...TASK_TIMES].map((rule) => `/tasks/*${rule}`),
  createChatCompletion: [
    '/messages/*/tool_call_id: is the id of no tool call of an earlier message',
    '/messages: must say something',
  ],
  createResponse: [
    '/input: is required',
    '/input: says nothing',
    '/input/*/call_id: no function_call before it has this call_id',
  ],
  createRateLimit: [`: ${RATE_LIMIT_RULE}`],
  updateRateLimit: [`: ${RATE_LIMIT_RULE}`],
  createRoutingPolicy: ROUTING_RULES,
  updateRoutingPolicy: ROUTING_RULES,
  simulateRoutingPolicy: [...TASK_RULES, ': must have either `request` or `lastRequests`'],
  createApiKey: ['/environmentId: name one: the tenant has not exactly one environment'],
  createProviderAccount: ['/baseUrl: must say where the server is', ...PLACE_RULES],
  rotateProviderCredentials: PLACE_RULES,
};

/** If an answer refuses a body for its form, by more than the rules of its operation that no schema can say. */
export function isFormRefusal(operationId: string, { status, text }: Answer): boolean {
  if (![400, 413, 415].includes(status)) return false;
  const { code, faults } = readRefusal(text);
  const beyond = BEYOND_SCHEMA[operationId] ?? [];
  return FORM_CODES.includes(code) && !faults.every((fault) => beyond.includes(fault));
}

interface Refusal {
  readonly code: string;
  readonly faults: readonly string[];
}

/** Reads a refusal in the form of any of the APIs: ours, OpenAI's, Anthropic's and SCIM's. */
function readRefusal(text: string): Refusal {
  const { code, error, errors, detail, scimType } = JSON.parse(text);
  const form = scimType === undefined || detail.startsWith(NOT_VALID) ? 'bad_request' : scimType;
  const words: string = error?.message ?? detail;
  const faults: readonly string[] = errors
    ? errors.map(({ pointer, detail }: { pointer: string; detail: string }) => `${pointer}: ${detail}`)
    : words.replace(NOT_VALID, '').split('; ');
  return {
    code: code ?? error?.code ?? error?.type ?? form,
    faults: faults.map((fault) => fault.replaceAll(/\/\d+/g, '/*').replace(/(\/rules\/\*)+/, '/rules/*')),
  };
}
