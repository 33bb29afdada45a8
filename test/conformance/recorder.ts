import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ProviderName } from '../../shared/providers/contract.ts';
import { play } from './fixture-conformance.ts';
import type { Fixture } from './fixtures.ts';
import type { Subject } from './subjects.ts';

/** Vectors are long and say nothing; an answer is short. */
const MAX_RECORDED_LENGTH = 64 * 1024;
/** What is kept of a response's headers: no cookies, no organization, no ids. */
const KEPT_HEADERS = /^(content-type|retry-after|x-ratelimit-|anthropic-ratelimit-(requests|tokens)-)/;
/** Ids of accounts and requests, as vendors write them into bodies. */
const IDS = /\b(?:org|req|proj|user|acct)[-_][A-Za-z0-9]{6,}\b/g;

/** Takes the secrets, and ids of accounts and requests, out of a text. */
export function scrub(text: string, secrets: readonly string[]): string {
  const withoutSecrets = secrets.filter(Boolean).reduce((rest, secret) => rest.replaceAll(secret, 'scrubbed'), text);
  return withoutSecrets.replace(IDS, (id) => `${id.slice(0, id.search(/[-_]/))}_scrubbed`);
}

/** Records what real vendors answer as fixtures, one for each name. */
export class Recorder {
  readonly #fixtures = new Map<string, { subject: Subject; fixture: Fixture }>();
  readonly #secrets: readonly string[];
  readonly #today: string;

  constructor(secrets: readonly string[], today: string) {
    this.#secrets = secrets;
    this.#today = today;
  }

  /** A fetch that keeps a copy of each answer under the name that it has then. */
  fetchFor(subject: Subject, nameOf: () => string): typeof fetch {
    return async (input, init) => {
      const response = await fetch(input, init);
      const body = scrub(await response.clone().text(), this.#secrets);
      const { pathname, host } = new URL(String(input));
      this.#keep(subject, nameOf(), {
        provider: subject.adapter.provider,
        source: `https://${host}/#recorded-${this.#today}`,
        operation: operationOf(pathname, response),
        status: response.status,
        headers: Object.fromEntries([...response.headers].filter(([header]) => KEPT_HEADERS.test(header))),
        body,
        expected: {},
      });
      return response;
    };
  }

  /** A test that asks twice has two answers. */
  #keep(subject: Subject, test: string, fixture: Omit<Fixture, 'name'>, count = 1): void {
    const name = `recorded-${test}${count > 1 ? `-${count}` : ''}.${fixture.operation === 'stream' ? 'sse' : 'json'}`;
    const key = `${subject.name}/${name}`;
    const isTaken = this.#fixtures.has(key);
    if (isTaken) this.#keep(subject, test, fixture, count + 1);
    else if (fixture.body.length <= MAX_RECORDED_LENGTH) {
      this.#fixtures.set(key, { subject, fixture: { ...fixture, name } });
    }
  }

  /** Writes the fixtures, with what the adapters make of them now: to be read before they are committed. */
  async write(directory: string): Promise<readonly string[]> {
    const paths: string[] = [];
    for (const { subject, fixture } of this.#fixtures.values()) {
      const expected = JSON.parse(JSON.stringify(await play(subject, fixture)));
      const path = join(folder(directory, fixture.provider), fixture.name);
      writeFileSync(path, textOf({ ...fixture, expected }));
      paths.push(path);
    }
    return paths;
  }
}

function operationOf(pathname: string, response: Response): Fixture['operation'] {
  if (response.headers.get('content-type')?.startsWith('text/event-stream')) return 'stream';
  if (/embed/i.test(pathname)) return 'embed';
  return /(?<!chat)\/completions$/.test(pathname) ? 'complete' : 'generate';
}

function folder(directory: string, provider: ProviderName): string {
  const path = join(directory, provider);
  mkdirSync(path, { recursive: true });
  return path;
}

function textOf({ source, operation, status, headers, body, expected }: Fixture): string {
  if (operation === 'stream') return `: source ${source}\n: expected ${JSON.stringify(expected)}\n\n${body}`;
  return `${JSON.stringify({ source, operation, status, headers, body: JSON.parse(body), expected }, null, 2)}\n`;
}
