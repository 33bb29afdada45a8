import { describe, expect, it } from 'vitest';
import current from '../../openapi.json';

/** At least these, in any order. */
const including = (...values: unknown[]): unknown => expect.arrayContaining(values);
const query = (name: string): unknown => expect.objectContaining({ name, in: 'query', required: false });
const answers = (schema: string) => ({ content: { 'application/json': { schema: reference(schema) } } });
const reference = (schema: string) => ({ $ref: `#/components/schemas/${schema}` });
const UNITS = { enum: including('requests', 'tokens', 'cost_usd') };
const PROBLEM = { content: { 'application/problem+json': { schema: reference('Problem') } } };

/** A collection that the tenant's administrators keep. */
function policyPaths(name: string, schema: string) {
  const security = including({ accessToken: [], tenant: [] });
  return {
    [`/v1/${name}`]: {
      post: { security, requestBody: { required: true }, responses: { 201: answers(schema), 400: PROBLEM } },
      get: {
        security,
        parameters: including(query('limit'), query('cursor')),
        responses: { 200: answers(`${schema}List`) },
      },
    },
    [`/v1/${name}/{id}`]: { get: { security }, delete: { security } },
  };
}

/** What clients were promised before there was code. Only what exists is held to it; nothing here is ever taken away. */
const PROMISES = {
  components: {
    securitySchemes: {
      tenant: { type: 'apiKey', in: 'header', name: 'X-Tenant-Id' },
      apiKey: { type: 'apiKey', in: 'header', name: 'X-API-Key' },
      accessToken: { type: 'http', scheme: 'bearer' },
    },
    schemas: {
      OrchestrateRequest: {
        required: ['input'],
        properties: {
          input: { anyOf: including(expect.objectContaining({ type: 'string' }), reference('ChatInput')) },
          taskType: { enum: including('chat', 'completion', 'embedding') },
          routingPolicyId: { type: 'string', format: 'uuid' },
          providerPreferences: {
            type: 'array',
            items: {
              required: ['provider', 'model'],
              properties: {
                provider: { enum: including('openai', 'anthropic', 'google', 'perplexity') },
                model: { type: 'string' },
                weight: { type: 'number', default: 1 },
              },
            },
          },
          async: { type: 'boolean', default: false },
          metadata: { type: 'object' },
        },
      },
      ChatInput: { type: 'object' },
      OrchestrateResponse: {
        required: including('requestId', 'status', 'output', 'costUsd', 'latencyMs'),
        properties: {
          requestId: { type: 'string', format: 'uuid' },
          status: { enum: including('queued', 'running', 'completed', 'failed') },
          output: { anyOf: including({ type: 'null' }) },
          costUsd: { type: ['number', 'null'] },
          latencyMs: { type: ['integer', 'null'] },
        },
      },
      UsageList: {
        required: including('data', 'nextCursor'),
        properties: {
          data: {
            type: 'array',
            items: {
              required: including('periodStart', 'periodEnd', 'unit', 'value', 'costUsd'),
              properties: {
                periodStart: { type: 'string', format: 'date-time' },
                periodEnd: { type: 'string', format: 'date-time' },
                unit: UNITS,
                value: { type: 'number' },
                costUsd: { type: 'number' },
              },
            },
          },
        },
      },
      Budget: {
        required: including('id', 'name', 'amountUsd', 'period', 'scope', 'hardStop', 'thresholds', 'createdAt'),
        properties: {
          period: { enum: including('day', 'week', 'month', 'total') },
          scope: { properties: { environmentId: {}, apiKeyId: {}, provider: {}, model: {} } },
          thresholds: { type: 'array' },
        },
      },
      RateLimit: {
        required: including(
          'id',
          'environmentId',
          'windowSeconds',
          'maxRequests',
          'maxTokens',
          'strategy',
          'createdAt',
        ),
        properties: { strategy: { enum: including('fixed-window') } },
      },
      BudgetList: { required: including('data', 'nextCursor') },
      RateLimitList: { required: including('data', 'nextCursor') },
      Problem: {
        required: including('type', 'title', 'status', 'detail', 'instance', 'code'),
        properties: { errors: { type: 'array', items: { required: including('pointer') } } },
      },
    },
  },
  paths: {
    '/v1/orchestrate': {
      post: {
        security: including({ apiKey: [], tenant: [] }),
        requestBody: { required: true, ...answers('OrchestrateRequest') },
        responses: { 200: answers('OrchestrateResponse'), 400: PROBLEM, 401: PROBLEM, 402: PROBLEM, 403: PROBLEM },
      },
    },
    ...policyPaths('budgets', 'Budget'),
    ...policyPaths('rate-limits', 'RateLimit'),
    '/v1/metrics/usage': {
      get: {
        security: including({ accessToken: [], tenant: [] }),
        parameters: including(
          query('from'),
          query('to'),
          expect.objectContaining({
            name: 'unit',
            in: 'query',
            required: false,
            schema: expect.objectContaining(UNITS),
          }),
          query('limit'),
          query('cursor'),
        ),
        responses: { 200: answers('UsageList'), 400: PROBLEM, 401: PROBLEM, 403: PROBLEM },
      },
    },
  },
};

const BROKEN: Record<string, (document: typeof current) => unknown> = {
  'a field is gone': ({ components }) =>
    Reflect.deleteProperty(components.schemas.OrchestrateResponse.properties, 'costUsd'),
  'a value is gone': ({ components }) => components.schemas.OrchestrateRequest.properties.taskType.enum.pop(),
  'another field is required': ({ components }) => components.schemas.OrchestrateRequest.required.push('taskType'),
  'a query parameter is gone': ({ paths }) => paths['/v1/metrics/usage'].get.parameters.shift(),
  'a credential is not taken': ({ paths }) => paths['/v1/orchestrate'].post.security.shift(),
  'a header has another name': ({ components }) =>
    Object.assign(components.securitySchemes.tenant, { name: 'X-Tenant' }),
};

describe('the founding contract', () => {
  it('is kept by openapi.json', () => {
    expect(current).toMatchObject(PROMISES);
  });

  it.each(Object.entries(BROKEN))('is not kept when %s', (_name, breakIt) => {
    const document = structuredClone(current);
    breakIt(document);
    expect(document).not.toMatchObject(PROMISES);
  });
});
