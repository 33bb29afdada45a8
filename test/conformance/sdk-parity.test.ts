import { describe, expect, it } from 'vitest';
import { play } from './fixture-conformance.ts';
import { type Fixture, fixturesOf, responseOf } from './fixtures.ts';
import { SCENARIOS, type Scenario } from './scenarios.ts';
import { anthropicSdk } from './sdk/anthropic.ts';
import { DIFFERENCES, UNREAD } from './sdk/differences.ts';
import { googleSdk } from './sdk/google.ts';
import { openaiSdk } from './sdk/openai.ts';
import type { Sdk, SdkReading } from './sdk/sdk.ts';
import { callOptions, SUBJECTS, type Subject } from './subjects.ts';

const ORIGIN = 'https://vendor.test';
const WAYS = ['generate', 'stream'] as const;

function sdkOf({ adapter: { provider }, credentials: { accessToken } }: Subject): Sdk {
  if (provider === 'google') return googleSdk(accessToken !== undefined);
  return provider === 'anthropic' ? anthropicSdk : openaiSdk;
}

type Body = Record<string, unknown>;

/** A vendor that answers nothing of use, and the body that it was sent. */
function recorder(): { fetch: typeof fetch; body: () => Body } {
  let sent: Body = {};
  const fetch: typeof globalThis.fetch = async (_input, init) => {
    sent = JSON.parse(String(init?.body));
    return Response.json({}, { status: 400 });
  };
  return { fetch, body: () => sent };
}

async function ourBody(subject: Subject, scenario: Scenario, way: (typeof WAYS)[number]): Promise<Body> {
  const { fetch, body } = recorder();
  const options = callOptions(subject, { origin: () => ORIGIN, fetch });
  await expect(subject.adapter[way](SCENARIOS[scenario], options)).rejects.toThrow();
  return body();
}

async function theirBody(subject: Subject, scenario: Scenario, way: (typeof WAYS)[number]): Promise<Body> {
  const { fetch, body } = recorder();
  await expect(sdkOf(subject).call(scenario, way, { origin: ORIGIN, model: subject.model, fetch })).rejects.toThrow();
  return body();
}

function differencesOf({ adapter }: Subject, scenario: Scenario, way: (typeof WAYS)[number]) {
  return DIFFERENCES.filter(
    ({ providers, scenarios = [scenario], way: only = way }) =>
      providers.includes(adapter.provider) && scenarios.includes(scenario) && only === way,
  );
}

describe("what an adapter sends and what the vendor's own SDK sends", () => {
  for (const subject of SUBJECTS) {
    describe.each(WAYS)(`${subject.name}: %s`, (way) => {
      it.each(Object.keys(SCENARIOS) as Scenario[])('is the same, field by field: %s', async (scenario) => {
        const ours = await ourBody(subject, scenario, way);
        const theirs = await theirBody(subject, scenario, way);
        for (const { fields, reason } of differencesOf(subject, scenario, way)) {
          for (const [field, expected] of Object.entries(fields)) {
            expect([ours[field], theirs[field]], `${field}: ${reason}`).toEqual(expected);
            delete ours[field];
            delete theirs[field];
          }
        }
        expect(ours).toStrictEqual(theirs);
      });
    });
  }
});

async function ourReading(subject: Subject, fixture: Fixture): Promise<SdkReading> {
  const outcome = await play(subject, fixture);
  if ('error' in outcome) throw outcome.error;
  if ('embeddings' in outcome) return { embeddings: fixture.expected.embeddings as number[][] };
  const { text, toolCalls, usage: { inputTokens, outputTokens } = {} } = outcome;
  return JSON.parse(
    JSON.stringify({
      text,
      toolCalls: toolCalls?.map((call) => ({ name: call.name, arguments: JSON.parse(call.arguments) })),
      usage: inputTokens === undefined ? undefined : { inputTokens, outputTokens },
    }),
  );
}

describe("what an adapter reads and what the vendor's own SDK reads", () => {
  for (const subject of SUBJECTS.filter(({ credentials }) => credentials.accessToken === undefined)) {
    const fixtures = fixturesOf(subject.adapter.provider).filter(
      ({ provider, name }) => !UNREAD.some((unread) => unread.provider === provider && unread.names.includes(name)),
    );
    it.each(fixtures.map((fixture) => [fixture.name, fixture] as const))(
      `of the same bytes is the same: ${subject.name}, %s`,
      async (_name, fixture) => {
        const fetch = async () => responseOf(fixture);
        const read = sdkOf(subject).read(fixture.operation, { origin: ORIGIN, model: subject.model, fetch });
        if ('error' in fixture.expected) {
          await expect(read).rejects.toThrow();
          return;
        }
        const { usage, ...reading } = await read;
        expect(await ourReading(subject, fixture)).toEqual(
          fixture.operation === 'embed' ? reading : { ...reading, ...(usage && { usage }) },
        );
      },
    );
  }
});

it('every exception is of a fixture that exists', () => {
  for (const { provider, names } of UNREAD) {
    expect(fixturesOf(provider).map(({ name }) => name)).toEqual(expect.arrayContaining([...names]));
  }
});
