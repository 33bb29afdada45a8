import { describe, expect, it } from 'vitest';
import current from '../../openapi.json';
import { breakingChanges } from './breaking-changes.ts';
import previous from './openapi.previous.json';

type Document = typeof current;

function changed(change: (document: Document) => void): Document {
  const document = structuredClone(current);
  change(document);
  return document;
}

const usageOf = ({ paths }: Document) => paths['/v1/metrics/usage'].get;
const requestOf = ({ components }: Document) => components.schemas.OrchestrateRequest;
const responseOf = ({ components }: Document) => components.schemas.OrchestrateResponse;
const newParameter = { name: 'extra', in: 'query', schema: { type: 'string' } };

const BREAKS: Record<string, (document: Document) => unknown> = {
  'a removed path': ({ paths }) => Reflect.deleteProperty(paths, '/v1/orchestrate'),
  'a removed method': ({ paths }) => Reflect.deleteProperty(paths['/v1/orchestrate'], 'post'),
  'a removed success': ({ paths }) => Reflect.deleteProperty(paths['/v1/orchestrate'].post.responses, '200'),
  'a removed response field': (document) => Reflect.deleteProperty(responseOf(document).properties, 'costUsd'),
  'a response field that may now be absent': (document) => responseOf(document).required.pop(),
  'a response field of another type': (document) => responseOf(document).properties.costUsd.type.splice(0, 1, 'string'),
  'a response field with a new value': (document) => responseOf(document).properties.status.enum.push('paused'),
  'a removed parameter': (document) => usageOf(document).parameters.pop(),
  'a new required parameter': (document) => addParameter(document, { ...newParameter, required: true }),
  'a request field that is now required': (document) => requestOf(document).required.push('metadata'),
  'a request field that takes fewer values': (document) => requestOf(document).properties.taskType.enum.pop(),
  'a renamed operation': ({ paths }) => Object.assign(paths['/v1/orchestrate'].post, { operationId: 'run' }),
  'a credential that is no longer taken': ({ paths }) => paths['/v1/orchestrate'].post.security.pop(),
  'a credential in another header': ({ components }) =>
    Object.assign(components.securitySchemes.apiKey, { name: 'X-Key' }),
};

const ADDITIONS: Record<string, (document: Document) => unknown> = {
  'a new path': ({ paths }) => Object.assign(paths, { '/v1/more': paths['/v1/metrics/usage'] }),
  'a new optional parameter': (document) => addParameter(document, { ...newParameter, required: false }),
  'a new optional request field': (document) =>
    Object.assign(requestOf(document).properties, { extra: { type: 'string' } }),
  'a new response field': (document) => {
    Object.assign(responseOf(document).properties, { extra: { type: 'string' } });
    responseOf(document).required.push('extra');
  },
  'a new kind of credential': ({ components }) =>
    Object.assign(components.securitySchemes, { another: components.securitySchemes.apiKey }),
  'a new error code': ({ components }) => components.schemas.Problem.properties.code.enum.push('teapot'),
};

function addParameter(document: Document, parameter: typeof newParameter & { required: boolean }): void {
  Object.assign(usageOf(document), { parameters: [...usageOf(document).parameters, parameter] });
}

/**
 * What the previous release described, but for these rules, which each release has held every request to: that they are
 * told now breaks no client. To be emptied with the next release.
 */
const TOLD_NOW: Readonly<Record<string, RegExp>> = {
  'an item of a type that is offered is not one of another type': /\/requestBody\/.*\/type\/not$/,
  'and has a type': /^add paths\/\/v1\/responses\/post\/requestBody\/.*\/anyOf\/\d\/(?:required\/0|properties\/type)$/,
  'tokens, several prompts and empty texts are refused':
    /^(?:add|remove) paths\/\/v1\/(?:completions|embeddings)\/post\/requestBody\/.*\/(?:prompt|input)\/anyOf\//,
  'an amount is not negative': /^add .*(?:\/amountUsd|\/v1\/requests\/get\/parameters\/9\/schema)\/minimum$/,
  'a change names a field': /\/patch\/requestBody\/.*\/schema\/minProperties$/,
  'null is taken for a list of addresses': /^replace .*\/requestBody\/.*\/ipAllowList\/type$/,
};

interface AskedFor {
  readonly rule: RegExp;
  /** What is new of the answer, and a text that it has. */
  readonly part: unknown;
  readonly text: string;
  /** If a request can ask for it. */
  asks(document: { readonly paths: { readonly '/v1/metrics/usage': { readonly get: object } } }): boolean;
}

/** What the previous release's clients never get, since they do not ask for it: each comes of a field or value that is new. */
const ASKED_FOR: Readonly<Record<string, AskedFor>> = {
  'the event `continued` of `continueOnFailure`': {
    rule: /^add paths\/\/v1\/orchestrate\/post\/responses\/200\/content\/text\/event-stream\/schema\/anyOf\/7$/,
    ...{ part: current.components.schemas.StreamEvent.anyOf[7], text: '"continued"' },
    asks: (document) => JSON.stringify(document).includes('continueOnFailure'),
  },
  'the unit `fallbacks` of usage': {
    rule: /^add paths\/\/v1\/metrics\/usage\/get\/responses\/200\/.*\/items\/properties\/unit\/enum\/3$/,
    ...{
      part: current.components.schemas.UsageList.properties.data.items.properties.unit.enum[3],
      text: '"fallbacks"',
    },
    asks: ({ paths }) => JSON.stringify(paths['/v1/metrics/usage'].get).includes('"fallbacks"'),
  },
};

describe('the contract', () => {
  const changes = breakingChanges(previous, current);

  it('breaks no client of the previous release', () => {
    const rules = [...Object.values(TOLD_NOW), ...Object.values(ASKED_FOR).map(({ rule }) => rule)];
    expect(changes.filter((change) => !rules.some((rule) => rule.test(change)))).toEqual([]);
  });

  it.each(Object.entries(TOLD_NOW))('tells now what has always held: %s', (_name, rule) => {
    expect(changes.filter((change) => rule.test(change))).not.toEqual([]);
  });

  it.each(Object.entries(ASKED_FOR))(
    'has something new for those who ask for it: %s',
    (_name, { rule, part, text, asks }) => {
      expect(changes.filter((change) => rule.test(change))).toHaveLength(1);
      expect(JSON.stringify(part)).toContain(text);
      expect([asks(previous), asks(current)]).toEqual([false, true]);
    },
  );

  it.each(Object.entries(BREAKS))('would be broken by %s', (_name, change) => {
    expect(breakingChanges(current, changed(change))).not.toEqual([]);
  });

  it.each(Object.entries(ADDITIONS))('may grow by %s', (_name, change) => {
    expect(breakingChanges(current, changed(change))).toEqual([]);
  });
});
