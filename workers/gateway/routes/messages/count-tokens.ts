import { createRoute, type RouteHandler } from '@hono/zod-openapi';
import {
  anthropicCountTokensRequest,
  anthropicTokenCount,
} from '../../../../shared/contracts/http/anthropic/count-tokens.ts';
import type { AppTypes } from '../../app-context.ts';
import { readCountRequest } from '../../dialects/anthropic/read-request.ts';
import { errorResponse } from '../../error-response.ts';
import { countTokens } from '../../pipeline/count-tokens.ts';
import { calledHeaders } from '../answer-dialect.ts';
import {
  CALL_ERRORS,
  DIALECT_SECURITY,
  dialectAnswer,
  dialectBodyRoute,
  dialectErrors,
  dialectHeaders,
} from '../dialect-config.ts';
import { readDialectInput } from '../read-dialect-input.ts';

export const countTokensRoute = createRoute({
  method: 'post',
  path: '/v1/messages/count_tokens',
  operationId: 'countTokens',
  tags: ['Anthropic clients'],
  summary: 'Count a chat’s input tokens as with Anthropic',
  description:
    'Anthropic and Google count themselves, for nothing. For other providers it is an estimate, which `X-Eufm-Warnings` says.',
  security: DIALECT_SECURITY,
  middleware: dialectBodyRoute('orchestrate:invoke', 'anthropic'),
  request: {
    headers: dialectHeaders,
    body: { required: true, content: { 'application/json': { schema: anthropicCountTokensRequest } } },
  },
  responses: {
    200: dialectAnswer('The number of tokens.', anthropicTokenCount),
    ...dialectErrors(['anthropic'], CALL_ERRORS),
  },
});

export const handleCountTokens: RouteHandler<typeof countTokensRoute, AppTypes> = async (context) => {
  const body = context.req.valid('json');
  const read = readCountRequest(body);
  if (!read.ok) return errorResponse(context, read.error);
  const input = await readDialectInput(context, read.value, { taskType: 'chat', stream: false, parsed: body });
  if (!input.ok) return errorResponse(context, input.error);
  const counted = await countTokens(input.value);
  if (!counted.ok) return errorResponse(context, counted.error);
  const { inputTokens, plan, warnings } = counted.value;
  return context.json({ input_tokens: inputTokens }, 200, calledHeaders(plan.candidate.offer, warnings));
};
