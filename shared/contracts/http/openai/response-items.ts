import { z } from '@hono/zod-openapi';

const itemId = z.string().nullish();
const itemStatus = z.string().nullish();
/** What OpenAI's own client reads out of an answer and hands back with it. It says nothing new. */
const parsed = z.unknown().optional();

/** An object of a kind that is not offered. It does not fail the request: it is read past, and told in a warning. */
export function openAiOtherThan(types: readonly string[], description: string) {
  return z
    .record(z.string(), z.unknown())
    .refine(({ type }) => typeof type === 'string' && !types.includes(type), { error: 'must have a known type' })
    .transform((item) => ({ ...item, type: 'other' as const, originalType: String(item.type) }))
    .openapi({
      type: 'object',
      properties: { type: { type: 'string', not: { enum: [...types] } } },
      required: ['type'],
      description,
    });
}

const inputText = z.object({ type: z.literal('input_text'), text: z.string() });
const inputImage = z.object({
  type: z.literal('input_image'),
  image_url: z.string().nullish().openapi({ description: 'An https URL, or a data URL of base64.' }),
  file_id: z.string().nullish().openapi({ description: 'Left out of the request: files are not stored here.' }),
  detail: z.enum(['auto', 'low', 'high', 'original']).nullish(),
});
const inputFile = z.object({
  type: z.literal('input_file'),
  file_data: z.string().nullish().openapi({ description: 'Base64 of a PDF, or a data URL of base64.' }),
  file_url: z.string().nullish().openapi({ description: 'An https URL.' }),
  file_id: z.string().nullish().openapi({ description: 'Left out of the request: files are not stored here.' }),
  filename: z.string().max(255).nullish(),
});
const outputText = z.object({
  type: z.literal('output_text'),
  text: z.string(),
  annotations: z.array(z.unknown()).nullish(),
  logprobs: z.array(z.unknown()).nullish(),
  parsed,
});
const refusal = z.object({ type: z.literal('refusal'), refusal: z.string() });

const message = z.object({
  type: z.literal('message').optional(),
  role: z.enum(['user', 'assistant', 'system', 'developer']),
  content: z.union([
    z.string(),
    z.array(z.discriminatedUnion('type', [inputText, inputImage, inputFile, outputText, refusal])),
  ]),
  id: itemId,
  status: itemStatus,
  phase: z.string().nullish(),
});

const functionCall = z.object({
  type: z.literal('function_call'),
  call_id: z.string().min(1),
  name: z.string().min(1),
  arguments: z.string(),
  parsed_arguments: parsed,
  id: itemId,
  status: itemStatus,
});

const functionCallOutput = z.object({
  type: z.literal('function_call_output'),
  call_id: z.string().min(1),
  output: z.union([z.string(), z.array(z.discriminatedUnion('type', [inputText, inputImage, inputFile]))]),
  id: itemId,
  status: itemStatus,
});

const reasoningItem = z.object({
  type: z.literal('reasoning'),
  id: itemId,
  summary: z.array(z.object({ type: z.literal('summary_text'), text: z.string() })).default([]),
  content: z.array(z.object({ type: z.literal('reasoning_text'), text: z.string() })).nullish(),
  encrypted_content: z.string().nullish(),
  status: itemStatus,
});

/** One item of the input of `POST /v1/responses`. Its content may have what our answers have. */
export const openAiResponsesItem = z
  .union([
    message,
    functionCall,
    functionCallOutput,
    reasoningItem,
    openAiOtherThan(['message', 'function_call', 'function_call_output', 'reasoning'], 'Any other item: left out.'),
  ])
  .openapi('OpenAiResponsesItem');
export type OpenAiResponsesItem = z.infer<typeof openAiResponsesItem>;
