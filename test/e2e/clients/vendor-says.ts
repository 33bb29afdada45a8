import type { LLMock } from '@copilotkit/aimock';
import { HELLO, JSON_ANSWER, PARIS, ROME, SAYS, STORY, USAGE } from '../../conformance/says.ts';

/** What the user's message says, beside what the conformance suites say, decides what a vendor answers. */
export const ASKS = {
  ...SAYS,
  prose: 'clients: in prose',
  think: 'clients: two and two',
  search: 'clients: search for Paris',
  invalid: 'clients: an invalid request',
  tooLong: 'clients: a prompt that is too long',
  unknownModel: 'clients: a model that was retired',
} as const;

export const SUNNY = 'It is sunny.';
export const NO_TOOLS = 'I have no tools.';
export const NO_SCHEMA = 'It is 21 degrees in Paris.';
export const COUNTED_TOKENS = 42;

/** Between two chunks of a stream of some seconds, which is left before its end. */
const PACE_MS = 200;

/** Names a tool that has been offered, other than the weather's: the one by which some clients ask for an object. */
function otherTool(tools: readonly { readonly function: { readonly name: string } }[] | undefined): string | undefined {
  return tools?.find(({ function: { name } }) => name !== PARIS.name)?.function.name;
}

/**
 * Teaches a mock of the vendors' wire formats to answer as a model does: it calls a tool only where it was sent one, and
 * knows its result only where it was sent that.
 */
export function teachClients(mock: LLMock): LLMock {
  const usage = { prompt_tokens: USAGE.inputTokens, completion_tokens: USAGE.outputTokens };
  return mock
    .onMessage(ASKS.hello, { content: HELLO, usage })
    .onMessage(ASKS.prose, { content: NO_SCHEMA, usage })
    .onMessage(ASKS.think, { content: 'Four.', usage })
    .on({ userMessage: ASKS.tool, hasToolResult: true }, { content: SUNNY, usage })
    .onMessage(ASKS.parallelTools, ({ tools }) =>
      tools?.length ? { toolCalls: [PARIS, ROME], usage } : { content: NO_TOOLS, usage },
    )
    .onMessage(ASKS.tool, ({ tools }) => (tools?.length ? { toolCalls: [PARIS], usage } : { content: NO_TOOLS, usage }))
    .onMessage(ASKS.json, ({ tools }) => {
      const name = otherTool(tools);
      return name ? { toolCalls: [{ name, arguments: JSON_ANSWER }], usage } : { content: JSON_ANSWER, usage };
    })
    .onMessage(ASKS.slow, { content: STORY.repeat(5), usage }, { streamingProfile: { ttft: 0, tps: 1_000 / PACE_MS } });
}
