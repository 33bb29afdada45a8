import { describe, expect, it } from 'vitest';
import { type ProjectFile, workerSources } from './project-files.ts';

interface Danger {
  readonly name: string;
  readonly pattern: RegExp;
  /** How often each file may nevertheless, where somebody has looked at it. */
  readonly allowed: Readonly<Record<string, number>>;
}

/** What Biome has no rule for, in what is part of a Worker. */
const DANGERS: readonly Danger[] = [
  {
    name: 'code made of text',
    pattern: /\bnew Function\b|\bFunction\(|\beval\(|\bWebAssembly\.(?:compile|instantiate)\b/g,
    allowed: {},
  },
  {
    name: 'HTML made of text',
    pattern: /\b(?:inner|outer)HTML\b|\binsertAdjacentHTML\b|\bdocument\.write\b/g,
    allowed: {},
  },
  {
    name: 'SQL made of text: a value belongs into a parameter',
    pattern: /\bsql\.raw\(|\bsql\.unsafe\(|\.unsafe\(|\bsql\.query\(/g,
    allowed: {
      'shared/services/record-statement.ts': 2, // column names of the schema
      'shared/services/record-tasks.ts': 2, // column names of the schema
      'shared/services/request-fields.ts': 1, // a number of digits
    },
  },
  {
    name: 'randomness that can be guessed: secrets and ids come from crypto',
    pattern: /\bMath\.random\b/g,
    allowed: {
      'shared/platform/retry.ts': 1, // jitter
      'workers/gateway/admission/tenant-sessions.ts': 1, // which shard
      'workers/gateway/pipeline/create-pipeline-ports.ts': 1, // which candidate of a weighted policy
      'workers/ledger/audit-ports.ts': 1, // jitter
      'durable-objects/task-runner/task-runner-base.ts': 2, // jitter
    },
  },
  {
    name: 'a fetch beside publicFetch, which checks where a tenant says',
    pattern: /(?<![\w.#])fetch\((?!\))/g,
    allowed: {
      'durable-objects/event-hub/event-hub.ts': 1, // its own, which answers upgrades
      'workers/gateway/create-ports.ts': 3, // the one that publicFetch wraps, the platform's own identity provider, and DNS
      'workers/ledger/audit-ports.ts': 1, // the one that publicFetch wraps
      'workers/ledger/jobs/job-ports.ts': 1, // DNS, where the deployment says
      'workers/providers/kms/ask-kms.ts': 1, // the KMS: the fetch that it is given
      'workers/providers/tasks/task-runner.ts': 1, // the one that publicFetch wraps
      'workers/providers/vault/vault.ts': 1, // the KMS, where the keyring's secret says
      'shared/db/client.ts': 1, // Postgres, where the deployment says
      'shared/providers/http/post-json.ts': 1, // the one of the call's options, which is the port's
    },
  },
  { name: 'a fetch that follows where it is sent', pattern: /redirect: '(?:follow|error)'/g, allowed: {} },
];

const CODE = /\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm;

function violations({ path, text }: ProjectFile): string[] {
  const code = text.replaceAll(CODE, '');
  return DANGERS.flatMap(({ name, pattern, allowed }) => {
    const count = code.match(pattern)?.length ?? 0;
    return count === (allowed[path] ?? 0) ? [] : [`${path}: ${count} times ${name}`];
  });
}

const declaration = 'override fetch(): Response {\n  return new Response();\n}';

describe('the code of the Workers', () => {
  it('does nothing dangerous but where it was looked at', () => {
    expect(workerSources().flatMap(violations)).toEqual([]);
  });

  it('gives tenants’ URLs to publicFetch alone', () => {
    const ports = workerSources().find(({ path }) => path === 'workers/gateway/create-ports.ts')?.text ?? '';
    expect(ports.match(/^ {4}fetch: .*$/gm)).toEqual(['    fetch: upstream,', '    fetch: upstream,']);
    expect(ports).toContain('const upstream = publicFetch((input, init) => fetch(input, init), ');
  });

  it.each([
    ['new Function("return 1")', 1],
    ['eval("1")', 1],
    ['element.innerHTML = text', 1],
    ['tx.execute(sql.raw(statementOf(name)))', 1],
    ['const token = Math.random().toString(36)', 1],
    ['const response = await fetch(webhook.url, init);', 1],
    ["await send(url, { redirect: 'follow' })", 1],
    ['// fetch(url) would follow it', 0],
    ['await env.ASSETS.fetch(request)', 0],
    [declaration, 0],
  ])('is found out: %s', (text, count) => {
    expect(violations({ path: 'workers/gateway/a.ts', text })).toHaveLength(count);
  });
});
