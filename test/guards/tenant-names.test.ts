import { describe, expect, it } from 'vitest';
import { archiveFolder, archiveOf } from '../../shared/domain/usage/archive-manifest.ts';
import { type ProjectFile, workerSources } from './project-files.ts';

/** What an isolate keeps under names beyond one request: fields, and constants of a file, that are maps by text. */
const STORE =
  /(#\w+(?=: ExpiringMap<string\b| = new Map<string\b)|(?<=^const )\w+(?= = new (?:ExpiringMap|Map)<string\b))/gm;

/** A name that begins with its tenant's id. */
const NAMED_FOR_TENANT = /^(?:tenantId|snapshot\.tenantId|`\$\{tenantId\}\/)/;

/** Names that do not, and why no two tenants can meet under them. */
const EXCEPTIONS: Readonly<Record<string, string>> = {
  'workers/gateway/identity/api-key-directory.ts #known key':
    'a key tells its tenant, whose keys alone it is looked for in',
  'workers/gateway/identity/issuer-keys.ts #known issuer': 'what an issuer publishes is the same for everyone',
  'workers/gateway/identity/openid-issuers.ts #metadata issuer': 'what an issuer publishes is the same for everyone',
  'workers/gateway/identity/key-uses.ts #unwritten name': 'a name that it had before',
  'workers/gateway/identity/key-uses.ts #unwritten oldest.value': 'a name that it had before',
  'workers/gateway/fixed-path-router.ts #found path': 'routes are the same for everyone',
  'workers/gateway/admission/tenant-session.ts #subjects key': 'a session is one tenant’s',
  'durable-objects/event-hub/audience.ts #groups connection.key': 'an object is one tenant’s',
  'durable-objects/event-hub/audience.ts #byTopic topic': 'an object is one tenant’s',
  'durable-objects/response-cache/answers-in-making.ts #makings keyHash': 'an object is one tenant’s',
};

/** Stores that are shared by all isolates of a place, whose names nobody has looked at yet. */
const SHARED_STORE = /\bcaches\.(?:default|open)\b|\b(?:KVNamespace|R2Bucket|D1Database|VectorizeIndex)\b/;

/** Those that somebody has looked at: what is in them lies under `archiveOf(tenantId)`, or `${tenantId}/`. */
const KNOWN_SHARED_STORES = ['workers/ledger/anchors-in.ts', 'workers/ledger/env.ts', 'workers/ledger/erase-folder.ts'];

/** Of one answer: it ends with its request. */
const isOfOneRequest = ({ path }: ProjectFile) => path.startsWith('workers/gateway/dialects/');

/** Of one tenant’s Durable Object, whose own name begins with its tenant’s id. */
const isOfOneTenant = ({ path }: ProjectFile) => path.startsWith('durable-objects/task-runner/');

interface Named {
  readonly line: string;
  readonly name: string;
}

function namesIn({ path, text }: ProjectFile): Named[] {
  return [...text.matchAll(STORE)].flatMap(([, store]) =>
    [
      ...text.matchAll(
        new RegExp(`(?<![\\w.])(?:this\\.)?${store}\\.(?:get|set|has|delete)\\((\`[^\`]*\`|[^,)]+)`, 'g'),
      ),
    ].map(([, name = '']) => ({ line: `${path} ${store} ${name}`, name: resolve(name, text) })),
  );
}

/** What a constant stands for, where the file says it. */
function resolve(name: string, text: string): string {
  return new RegExp(`const ${name.replaceAll(/\W/g, '\\$&')} = (\`[^\`]*\`);`).exec(text)?.[1] ?? name;
}

function violations(files: readonly ProjectFile[]): string[] {
  const own = files.filter(
    (file) => /^(workers|durable-objects)\//.test(file.path) && !isOfOneRequest(file) && !isOfOneTenant(file),
  );
  const others = own.flatMap(namesIn).filter(({ name }) => !NAMED_FOR_TENANT.test(name));
  const unknown = others.map(({ line }) => line).filter((line) => EXCEPTIONS[line] === undefined);
  return [
    ...unknown,
    ...files
      .filter(({ path, text }) => SHARED_STORE.test(text) && !KNOWN_SHARED_STORES.includes(path))
      .map(({ path }) => `${path}: a shared store`),
  ];
}

describe('T6: what is kept for tenants', () => {
  it('is named by the tenant’s id first, in every store of an isolate', () => {
    const sources = workerSources();
    expect(sources.flatMap(namesIn).length).toBeGreaterThan(15);
    expect(violations(sources)).toEqual([]);
  });

  it('includes the archives', () => {
    expect(archiveFolder('a-tenant', '2026-11-22')).toBe(`${archiveOf('a-tenant')}/2026-11-22`);
    expect(archiveOf('a-tenant')).toBe('requests/a-tenant');
    const stores = workerSources().filter(({ text }) => SHARED_STORE.test(text));
    expect(stores.map(({ path }) => path).sort()).toEqual(KNOWN_SHARED_STORES);
  });

  it('has no exception that is none any more', () => {
    const names = new Set(
      workerSources()
        .flatMap(namesIn)
        .map(({ line }) => line),
    );
    expect(Object.keys(EXCEPTIONS).filter((line) => !names.has(line))).toEqual([]);
  });

  const map = 'readonly #cache = new Map<string, string>();';

  it.each([
    [`${map} this.#cache.get(apiKeyId);`, 1],
    [`readonly #cache: ExpiringMap<string, string>; this.#cache.set(apiKeyId, key);`, 1],
    [`${map} this.#cache.set(\`\${accountId}/\${tenantId}\`, x);`, 1],
    [`${map} const name = \`\${accountId}/x\`; this.#cache.get(name);`, 1],
    ['const hit = await caches.default.match(request);', 1],
    ['const cache = new ExpiringMap<string, string>(9, now);\nconst x = cache.get(sealed);', 1],
    ['const cache = new ExpiringMap<string, string>(9, now);\nconst x = cache.get(tenantId);', 0],
    [`${map} this.#cache.get(tenantId);`, 0],
    [`${map} this.#cache.set(\`\${tenantId}/\${accountId}\`, x);`, 0],
    [`${map} const name = \`\${tenantId}/x\`; this.#cache.get(name);`, 0],
  ])('control: %j is found %i times', (text, count) => {
    expect(violations([{ path: 'workers/gateway/a.ts', text }])).toHaveLength(count);
  });
});
