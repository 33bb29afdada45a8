import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { ask } from './answer-conformance.ts';
import { fixturesOf } from './fixtures.ts';
import { Recorder, scrub } from './recorder.ts';
import { saying } from './requests.ts';
import { SUBJECTS } from './subjects.ts';

const SECRET = 'sk-live-0123456789';

it('a recording has no credential and no id of an account', () => {
  const said = `Incorrect API key ${SECRET} of org-AbCdEf123456 (req_0123456789abc), organized by user requests`;
  expect(scrub(said, [SECRET, ''])).toBe(
    'Incorrect API key scrubbed of org_scrubbed (req_scrubbed), organized by user requests',
  );
});

it('an answer is recorded as a fixture that plays', async () => {
  const [subject] = SUBJECTS;
  const fixture = subject && fixturesOf(subject.adapter.provider).find(({ name }) => name === 'text.sse');
  if (!subject || !fixture) throw new Error('unreachable: there is one');
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'set-cookie': SECRET });
    response.end(fixture.body.replace('"Hello"', `"Hello ${SECRET}"`));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const directory = mkdtempSync(join(tmpdir(), 'recorder-'));
  onTestFinished(() => {
    rmSync(directory, { recursive: true });
    server.close();
    server.closeAllConnections();
  });
  const recorder = new Recorder([SECRET], '2026-01-01');
  const environment = {
    origin: () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    fetch: recorder.fetchFor(subject, () => 'hello'),
  };
  await ask({ subject, environment }, 'stream', saying('hi'));

  const [path = ''] = await recorder.write(directory);
  const text = readFileSync(path, 'utf8');
  expect(basename(path)).toBe('recorded-hello.sse');
  expect(text).toContain('"text":"Hello scrubbed! Ça va');
  expect(text).not.toContain(SECRET);
});
