const USAGE = { prompt_tokens: 11, completion_tokens: 5, total_tokens: 16 };
const ANSWER = 'Hello.';

/** What is asked of a provider, as far as the answer depends on it. */
interface Asked {
  readonly model: string;
  readonly stream?: boolean;
  readonly input?: string | readonly string[];
  readonly encoding_format?: string;
}

/** A provider that speaks OpenAI's API without a network: it answers everything in the same words, but streams nothing. */
export function playedProvider(url: string, body: string): Response | null {
  const asked: Asked = JSON.parse(body);
  if (asked.stream) return null;
  const { pathname } = new URL(url);
  const common = { id: 'played', created: 1_700_000_000, model: asked.model };
  if (pathname.endsWith('/embeddings')) return Response.json(embeddingsOf(asked));
  const isChat = pathname.endsWith('/chat/completions');
  const choice = { index: 0, finish_reason: 'stop', logprobs: null };
  const said = isChat ? { message: { role: 'assistant', content: ANSWER, refusal: null } } : { text: ANSWER };
  const object = isChat ? 'chat.completion' : 'text_completion';
  return Response.json({ ...common, object, choices: [{ ...choice, ...said }], usage: USAGE });
}

/** One vector for each text, as numbers or as the base64 of 32-bit floats. */
function embeddingsOf({ model, input = '', encoding_format }: Asked): object {
  const bytes = new Uint8Array(new Float32Array([0.25, 0.5]).buffer);
  const embedding = encoding_format === 'base64' ? btoa(String.fromCharCode(...bytes)) : [0.25, 0.5];
  const data = [input].flat().map((_, index) => ({ object: 'embedding', index, embedding }));
  return { object: 'list', data, model, usage: { prompt_tokens: 1, total_tokens: 1 } };
}
