import type { AnswerName } from '../../../shared/contracts/response-cache.ts';
import { hexDigestOf } from '../../../shared/crypto/text-digest.ts';
import { canonicalJson } from '../../../shared/domain/audit/canonical-json.ts';
import type { ChatMessage } from '../../../shared/providers/contract.ts';
import type { PipelineInput } from '../pipeline/pipeline-input.ts';
import type { RequestPlan } from '../pipeline/plan-request.ts';
import type { Task } from '../pipeline/task.ts';

/** What a client’s own body says of how it wants its answer, and not of what. */
const HOW_IT_IS_SENT: ReadonlySet<string> = new Set(['stream', 'stream_options']);

/** Which stored answer a request may have, and the text that a question like it may differ in; null: it has none. */
export interface NamedAnswer extends AnswerName {
  readonly question: string | null;
}

/**
 * Names the answer of a request by all that decides it: the environment, what is asked in every detail, and of whom it is
 * asked. Its tenant is named by where the answer is stored.
 */
export async function nameAnswer({ request, spoken }: PipelineInput, plan: RequestPlan): Promise<NamedAnswer> {
  const { environmentId, task, route } = plan;
  const asked = {
    environmentId,
    taskType: task.kind,
    of: route?.policy ?? request.providerPreferences.map(({ provider, model }) => ({ provider, model })),
  };
  const native = spoken?.native;
  const own = native && { format: native.format, body: withoutKeys(native.body, HOW_IT_IS_SENT) };
  const { rest, question } = splitQuestion(task);
  const ownRest = own && { ...own, body: withoutKeys(own.body, new Set(['messages'])) };
  const [keyHash, familyHash] = await Promise.all([
    hexDigestOf(canonicalJson({ ...asked, task: task.request, own })),
    hexDigestOf(canonicalJson({ ...asked, task: rest, own: ownRest })),
  ]);
  return { keyHash, familyHash, question };
}

/** A chat whose last message is a text alone: that text, and everything but it. */
function splitQuestion({ kind, request }: Task): { readonly rest: object; readonly question: string | null } {
  if (kind !== 'chat') return { rest: request, question: null };
  const last = request.messages.at(-1);
  const question = last && textOf(last);
  if (question === undefined || question === null) return { rest: request, question: null };
  return { rest: { ...request, messages: request.messages.slice(0, -1) }, question };
}

function textOf(message: ChatMessage): string | null {
  if (message.role !== 'user') return null;
  if (typeof message.content === 'string') return message.content;
  const texts = message.content.flatMap((part) => (part.type === 'text' ? [part.text] : []));
  return texts.length === message.content.length ? texts.join('\n') : null;
}

function withoutKeys(body: { readonly [key: string]: unknown }, keys: ReadonlySet<string>) {
  return Object.fromEntries(Object.entries(body).filter(([key]) => !keys.has(key)));
}
