import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { answerConformance, ask, WAYS, type World } from './answer-conformance.ts';
import { type LiveAccount, liveAccounts } from './live-accounts.ts';
import { Recorder } from './recorder.ts';
import { saying } from './requests.ts';
import { SUBJECTS, type Subject } from './subjects.ts';

const FIXTURES = join(import.meta.dirname, 'fixtures');

const LIVE: Omit<World, 'origin' | 'fetch'> = {
  asks: {
    hello: 'Reply with the one word: hello',
    long: 'Count from 1 to 1000 in words.',
    json: 'Which city is the capital of France?',
    tool: 'What is the weather in Paris now? Use the tool.',
    embed: 'a sentence, number',
  },
  says: {
    hello: expect.stringMatching(/hello/i),
    long: expect.any(String),
    json: expect.stringMatching(/^\s*\{\s*"city"\s*:\s*"Paris"\s*\}\s*$/),
    afterTool: expect.stringMatching(/sun/i),
  },
  longLimit: 32,
  call: { id: expect.any(String), name: 'get_weather', arguments: expect.stringContaining('Paris') },
  usage: { inputTokens: expect.any(Number), outputTokens: expect.any(Number) },
  tellsUnasked: true,
  embedding: expect.arrayContaining([expect.any(Number)]),
  embedsNot: [],
};

const { accounts } = liveAccounts(process.env);
const secrets = accounts.flatMap(({ apiKey, accessToken = '' }) => [apiKey, accessToken]);
const recorder = new Recorder(secrets, new Date().toISOString().slice(0, 10));

/** The name of the running test, without its provider. */
function testName({ name }: Subject): string {
  const words =
    expect
      .getState()
      .currentTestName?.replace(`live > ${name}: `, '')
      .match(/[A-Za-z0-9]+/g) ?? [];
  return words.join('-').toLowerCase();
}

/** The subject with a real account in place of the mock's. */
function liveSubject(subject: Subject, account: LiveAccount): Subject {
  const credentials = { apiKey: account.apiKey, ...(account.accessToken && { accessToken: account.accessToken }) };
  return { ...subject, ...(account.model && { model: account.model }), credentials, baseUrl: () => account.baseUrl };
}

describe('live', () => {
  for (const account of accounts) {
    const found = SUBJECTS.find(({ name }) => name === account.name);
    if (!found) throw new Error(`no subject ${account.name}`);
    const subject = liveSubject(found, account);
    const environment = { origin: () => account.baseUrl, fetch: recorder.fetchFor(subject, () => testName(subject)) };
    answerConformance(subject, { ...environment, ...LIVE });

    it.each(WAYS)(`${subject.name}: %s with a wrong credential is refused as such`, async (way) => {
      const wrong = {
        ...subject,
        credentials: { apiKey: 'wrong', ...(account.accessToken && { accessToken: 'wrong' }) },
      };
      const call = ask({ subject: wrong, environment }, way, saying('hi'));
      await expect(call).rejects.toMatchObject({ kind: 'auth', billing: 'not-billed' });
    });
  }

  afterAll(async () => {
    const paths = await recorder.write(FIXTURES);
    process.stdout.write(
      `Recorded, for you to read before you commit them:\n${paths.map((path) => `  ${path}\n`).join('')}`,
    );
  });
});
