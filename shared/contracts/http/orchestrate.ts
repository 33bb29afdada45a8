import { z } from '@hono/zod-openapi';
import { providerName } from '../names.ts';
import { isStorableJson } from './storable-json.ts';

/** Longest JSON text of a request's `metadata`, in characters: it travels with every record of the request. */
export const METADATA_MAX_LENGTH = 4096;

const chatMessage = z.strictObject({
  role: z.enum(['system', 'user', 'assistant']),
  content: z.string().min(1),
});

export const chatInput = z
  .strictObject({
    messages: z.array(chatMessage).min(1).max(1000),
    maxOutputTokens: z.int().min(1).max(1_000_000).optional().openapi({
      description: 'The most tokens that the answer may have, reasoning included; enforced. Default 4096.',
    }),
    temperature: z.number().min(0).max(2).optional(),
    topP: z.number().min(0).max(1).optional(),
    stop: z.array(z.string().min(1)).max(4).optional(),
    seed: z.int().optional(),
  })
  .openapi('ChatInput');

export const orchestrateRequest = z
  .strictObject({
    input: z.union([z.string().min(1), chatInput]).openapi({
      description: 'A prompt, or a chat as an object.',
      example: 'Say hello.',
    }),
    taskType: z.enum(['chat', 'completion', 'embedding']).default('chat').openapi({
      description: '`chat` is served; the others are refused with `not_supported`.',
    }),
    routingPolicyId: z.uuid().optional(),
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
      .openapi({ description: 'The one of the greatest weight is called. Empty: the default model.' }),
    async: z.boolean().default(false).openapi({ description: '`true` is refused with `not_supported`.' }),
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

const usageView = z
  .object({
    inputTokens: z.int().optional(),
    outputTokens: z.int().optional(),
    cachedInputTokens: z.int().optional(),
    cacheWriteTokens: z.int().optional(),
    reasoningTokens: z.int().optional(),
  })
  .openapi('Usage', { description: 'What the provider reported; absent where it did not.' });

export const orchestrateResponse = z
  .object({
    requestId: z.uuid(),
    status: z.enum(['queued', 'running', 'completed', 'failed']),
    output: z
      .object({
        message: z.object({ role: z.literal('assistant'), content: z.string() }),
        finishReason: z.enum(['stop', 'length', 'content-filter', 'tool-calls', 'error', 'other', 'unknown']),
        rawFinishReason: z.string().nullable().openapi({ description: 'The provider’s own word.' }),
      })
      .nullable(),
    costUsd: z.number().nullable(),
    latencyMs: z.int().nullable(),
    provider: providerName,
    model: z.string(),
    usage: z.union([usageView, z.null()]),
    trace: z.object({ traceId: z.string() }),
    warnings: z.array(z.string()).openapi({ description: 'What was asked for and this provider cannot do.' }),
  })
  .openapi('OrchestrateResponse');
export type OrchestrateResponse = z.infer<typeof orchestrateResponse>;
