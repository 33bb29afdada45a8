import { type ChatCompletionRequest, type ChatMessage, LLMock } from '@copilotkit/aimock';

/** About what tokenizers make of English text; only providers themselves know better. */
const CHARACTERS_PER_TOKEN = 4;
const QUOTE_LENGTH = 200;
const ANYTHING = /[\s\S]*/;

export interface Simulator {
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Speaks the wire formats of OpenAI, Anthropic, Gemini and Perplexity on loopback. No model runs: the answer says so and
 * quotes the request. Usage follows from the length of both; output limits are kept, as a provider would.
 */
export async function startSimulator({ port }: { port: number }): Promise<Simulator> {
  const mock = new LLMock({ port, host: '127.0.0.1' });
  mock.onMessage(ANYTHING, answer);
  return { url: await mock.start(), close: () => mock.stop() };
}

function answer(request: ChatCompletionRequest) {
  const texts = request.messages.map(textOf);
  const quoted = texts.at(-1)?.slice(0, QUOTE_LENGTH).toWellFormed() ?? '';
  const whole = `This answer is simulated: no provider was called for ${request.model}. You wrote: ${quoted}`;
  const limit = request.max_completion_tokens ?? request.max_tokens;
  const maxLength = typeof limit === 'number' ? limit * CHARACTERS_PER_TOKEN : Number.POSITIVE_INFINITY;
  const content = whole.slice(0, maxLength).toWellFormed();
  const [input, output] = [texts.reduce((sum, text) => sum + countTokens(text), 0), countTokens(content)];
  return {
    content,
    finishReason: whole.length > maxLength ? 'length' : 'stop',
    // Each vendor's own names; the mock takes those of the format that it answers in.
    usage: {
      ...{ prompt_tokens: input, completion_tokens: output, total_tokens: input + output },
      ...{ input_tokens: input, output_tokens: output },
      ...{ promptTokenCount: input, candidatesTokenCount: output, totalTokenCount: input + output },
    },
  };
}

function textOf({ content }: ChatMessage): string {
  return typeof content === 'string' ? content : (content ?? []).map((part) => part.text ?? '').join('\n');
}

function countTokens(text: string): number {
  return Math.max(1, Math.ceil(text.length / CHARACTERS_PER_TOKEN));
}
