import * as z from 'zod';

/** A count in a `usage`. */
export const tokens = z.number().int().nonnegative().nullish();

const text = z.string().nullish();

/** Content in parts: Mistral's thoughts come so, and Perplexity documents it. Parts of other types are not read. */
export const contentParts = z.array(
  z.object({
    type: text,
    text,
    thinking: z.union([z.string(), z.array(z.object({ text }))]).nullish(),
  }),
);
export type ContentParts = z.infer<typeof contentParts>;

/** Mistral documents arguments as text or as the object itself. */
const toolArguments = z.union([z.string(), z.record(z.string(), z.unknown()).transform((it) => JSON.stringify(it))]);

const toolCall = z.object({
  id: text,
  function: z.object({ name: z.string().min(1), arguments: toolArguments }),
});

const choice = z.object({
  message: z.object({
    content: z.union([z.string(), contentParts]).nullish(),
    refusal: text,
    reasoning_content: text.catch(undefined),
    reasoning: text.catch(undefined),
    tool_calls: z.array(toolCall).nullish(),
    annotations: z.unknown().optional(),
  }),
  finish_reason: text,
});

/** What is read of `POST /chat/completions`. The rest is kept for a vendor's own reader. */
export const chatCompletion = z.looseObject({
  model: text,
  choices: z.tuple([choice]).rest(z.unknown()),
  usage: z.unknown().optional(),
});
export type ChatCompletionAnswer = z.infer<typeof chatCompletion>;

/** What is read of `POST /completions`. */
export const textCompletion = z.object({
  model: text,
  choices: z.tuple([z.object({ text: z.string(), finish_reason: text })]).rest(z.unknown()),
  usage: z.unknown().optional(),
});

/** Checked in one pass, since an answer can have millions of them. */
const vector = z.custom<number[]>((value) => Array.isArray(value) && value.every((it) => typeof it === 'number'));

/** What is read of `POST /embeddings`. A vector is numbers, or text that the vendor's shape decodes. */
export const embeddingList = z.object({
  model: text,
  data: z.array(z.object({ index: z.number().int(), embedding: z.union([vector, z.string()]) })),
  usage: z.unknown().optional(),
});

/** The sources that OpenAI's search models cite, in a message or a delta. */
export const annotations = z
  .array(z.object({ url_citation: z.object({ url: z.string(), title: text }).optional() }))
  .catch([]);

const word = text.catch(undefined);
const fault = z.object({
  message: text,
  code: z.union([z.string(), z.number()]).nullish().catch(undefined),
  type: word,
});
export type Fault = Partial<z.infer<typeof fault>>;

/** What is read of an error body: OpenAI's, that of Mistral and vLLM, or the list of a request validation. */
export const errorBody = z.union([
  z.object({ error: fault }),
  z.object({ detail: z.tuple([z.object({ msg: z.string(), type: word })]).rest(z.unknown()) }),
  z.object({ detail: z.string() }),
  fault.extend({ message: z.string() }),
]);
