import { z } from '@hono/zod-openapi';
import { providerName } from '../names.ts';
import { CACHE_OUTCOMES } from '../queues.ts';
import { chatInput, completionInput, embeddingInput, reasoningPart, toolCall } from './chat-input.ts';
import { locationView } from './location.ts';
import { routingDecision } from './routing-decision.ts';
import { isStorableJson } from './storable-json.ts';

/** Longest JSON text of a request's `metadata`, in characters: it travels with every record of the request. */
export const METADATA_MAX_LENGTH = 4096;

const CALLBACK_URL_MAX_LENGTH = 500;

export const taskType = z.enum(['chat', 'completion', 'embedding']);

const finishReason = z.enum(['stop', 'length', 'content-filter', 'tool-calls', 'error', 'other', 'unknown']);
const rawFinishReason = z.string().nullable().openapi({ description: 'The provider’s own word.' });

export const source = z
  .object({
    url: z.string(),
    title: z.string().optional(),
    date: z.string().optional(),
    snippet: z.string().optional(),
  })
  .openapi('Source', { description: 'What an answer cites, or a search that it used found.' });

export const orchestrateRequest = z
  .strictObject({
    input: z.union([z.string().min(1), chatInput, completionInput, embeddingInput]).openapi({
      description: 'A text, or an object of the form that `taskType` takes.',
      example: 'Say hello.',
    }),
    taskType: taskType.default('chat'),
    stream: z.boolean().default(false).openapi({
      description: 'Answer a chat, or a completion, as Server-Sent Events while it is written. See the 200 answer.',
    }),
    continueOnFailure: z.boolean().optional().openapi({
      description:
        'When the stream of a chat breaks off within its text, another candidate of the routing policy goes on where it ended, if there is one that can: `continued` tells of it. Each of the calls is billed. For `stream`; a task does not go on.',
    }),
    routingPolicyId: z.uuid().optional().openapi({
      description: 'Decides where the request goes; behind `providerPreferences`, where there are some.',
    }),
    providerPreferences: z
      .array(
        z.strictObject({
          provider: providerName,
          model: z.string().min(1).max(200),
          weight: z.number().positive().max(1_000_000).default(1),
        }),
      )
      .max(20)
      .default([])
      .openapi({
        description:
          'The one of the greatest weight is called, and when it fails the next. Empty: the routing policy decides, or else the default model.',
      }),
    async: z.boolean().default(false).openapi({
      description:
        'Do not wait: answered 202 once the request is durable, as a task. With `stream` its output is followed by `GET /v1/tasks/{id}/stream`.',
    }),
    callbackUrl: z.url().max(CALLBACK_URL_MAX_LENGTH).optional().openapi({
      description:
        'Of a request that is `async`, or of a task: the task is posted there when it has ended, signed by Standard Webhooks. HTTPS, by a public name, without a fragment.',
      example: 'https://app.example.com/tasks',
    }),
    metadata: z
      .record(z.string(), z.unknown())
      .refine((value) => JSON.stringify(value).length <= METADATA_MAX_LENGTH, {
        error: `must be at most ${METADATA_MAX_LENGTH} characters of JSON`,
      })
      .refine(isStorableJson, { error: 'must not hold NUL characters or lone surrogates' })
      .default({})
      .openapi({ description: 'Yours; recorded with the request.', example: { feature: 'greeting' } }),
  })
  .openapi('OrchestrateRequest');
export type OrchestrateRequest = z.infer<typeof orchestrateRequest>;

/** The answer to a chat. */
const chatOutput = z
  .object({
    message: z.object({
      role: z.literal('assistant'),
      content: z.string(),
      reasoning: z.array(reasoningPart).optional(),
      toolCalls: z.array(toolCall).optional(),
    }),
    finishReason,
    rawFinishReason,
    sources: z.array(source).optional(),
  })
  .openapi('ChatOutput');

const completionOutput = z.object({ text: z.string(), finishReason, rawFinishReason }).openapi('CompletionOutput');

const embeddingOutput = z
  .object({ embeddings: z.array(z.array(z.number())).openapi({ description: 'One vector for each text.' }) })
  .openapi('EmbeddingOutput');

export const orchestrateOutput = z.union([chatOutput, completionOutput, embeddingOutput]);
export type OrchestrateOutput = z.infer<typeof orchestrateOutput>;

const usageView = z
  .object({
    inputTokens: z.int().optional(),
    outputTokens: z.int().optional(),
    cachedInputTokens: z.int().optional(),
    cacheWriteTokens: z.int().optional(),
    reasoningTokens: z.int().optional(),
    audioInputTokens: z.int().optional(),
    audioOutputTokens: z.int().optional(),
    searches: z.int().optional(),
  })
  .openapi('Usage', { description: 'What the provider reported; absent where it did not.' });

const cacheView = z
  .object({
    outcome: z.enum(CACHE_OUTCOMES),
    savedUsd: z.number().optional().openapi({ description: 'What the stored answer cost when it was made.' }),
    ageSeconds: z.int().optional(),
  })
  .openapi('CacheUse', {
    description:
      '`miss`: the provider was called. `exact`: a stored answer to an equal request; `joined`: one that another request was about to get; `alike`: one to a question that is alike.',
  });

export const orchestrateResponse = z
  .object({
    requestId: z.uuid(),
    status: z.enum(['queued', 'running', 'completed', 'failed']),
    output: z.union([orchestrateOutput, z.null()]),
    costUsd: z.number().nullable(),
    latencyMs: z.int().nullable(),
    provider: providerName,
    model: z.string(),
    usage: z.union([usageView, z.null()]),
    rawUsage: z.unknown().openapi({ description: 'What the provider itself wrote of usage.' }),
    trace: z.object({ traceId: z.string() }),
    routing: routingDecision.optional().openapi({ description: 'Absent where the request named one model.' }),
    cache: cacheView.optional().openapi({ description: 'Absent where no stored answer was looked for.' }),
    location: locationView.optional(),
    warnings: z.array(z.string()).openapi({ description: 'What was asked for and this provider cannot do.' }),
  })
  .openapi('OrchestrateResponse');
export type OrchestrateResponse = z.infer<typeof orchestrateResponse>;

/** What is answered at once to a request that is `async`. */
export const queuedResponse = orchestrateResponse
  .pick({ requestId: true, status: true, output: true, costUsd: true, latencyMs: true, trace: true })
  .openapi('QueuedResponse', { description: 'The request is a task now: `GET /v1/tasks/{requestId}`.' });
