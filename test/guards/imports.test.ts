import { posix } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type ProjectFile, workerSources } from './project-files.ts';

const SHARED_SERVICES = ['auth', 'conditions', 'contracts', 'crypto', 'db', 'domain', 'errors', 'platform'].map(
  (x) => `shared/${x}`,
);

/** What serves requests, and runs tasks too, where their script is. */
const PIPELINE = 'workers/gateway/pipeline/index.ts';

/** How far anything from outside is read; needs nothing itself. */
const BOUNDED_READER = 'shared/platform/read-bounded-text.ts';

/** What each part may import beside itself. A part that is not listed may not exist. */
const MAY_IMPORT: Record<string, readonly string[]> = {
  'shared/errors': [],
  'shared/contracts': ['shared/errors'],
  'shared/domain': ['shared/contracts', 'shared/errors'],
  'shared/conditions': ['shared/contracts', 'shared/errors'],
  'shared/platform': ['shared/contracts', 'shared/errors'],
  'shared/providers': ['shared/contracts', 'shared/errors', 'shared/domain/pricing', BOUNDED_READER],
  'shared/crypto': ['shared/contracts', 'shared/errors'],
  'shared/auth': ['shared/contracts', 'shared/crypto', 'shared/errors'],
  'shared/db': ['shared/contracts', 'shared/errors'],
  'shared/services': SHARED_SERVICES,
  'workers/gateway': ['shared', 'durable-objects/stubs.ts'],
  'workers/providers': ['shared', 'durable-objects/stubs.ts', 'durable-objects/task-runner', PIPELINE],
  'workers/ledger': ['shared', 'durable-objects/stubs.ts'],
  'durable-objects': ['shared', 'migrations/durable-objects'],
  'migrations/durable-objects': ['durable-objects'],
};

/** What must not be imported from within a folder, beyond the direction. Specifiers are resolved to project paths. */
const FORBIDDEN = [
  { within: 'shared/domain', pattern: /^(?!shared\/)/, why: 'the domain is pure: it uses no package' },
  { within: 'shared/contracts', pattern: /^(?!shared\/|zod$|@hono\/zod-openapi$)/, why: 'contracts are zod only' },
  {
    within: 'workers/gateway/routes',
    pattern: /^(drizzle-orm|@neondatabase\/|shared\/db\/|durable-objects\/)/,
    why: 'a handler calls a verb or the pipeline: neither the database nor a Durable Object',
  },
  ...['shared', 'workers', 'durable-objects'].map((within) => ({
    within,
    pattern: /^shared\/providers\/index\.ts$|^@eufm\/providers$/,
    why: 'the entry of the published package is for others: import the module itself',
  })),
];

const IMPORT =
  /^(?:import|export)\s+(?<type>type\s)?(?:[^'";]*?\sfrom\s+)?'(?<name>[^']+)'|\bimport\('(?<lazy>[^']+)'\)/gm;

interface Import {
  readonly from: string;
  readonly to: string;
  readonly isType: boolean;
}

function importsOf({ path, text }: ProjectFile): Import[] {
  return [...text.matchAll(IMPORT)].map(({ groups }) => {
    const specifier = groups?.name ?? groups?.lazy ?? '';
    const to = specifier.startsWith('.') ? posix.join(posix.dirname(path), specifier) : specifier;
    return { from: path, to, isType: groups?.type !== undefined };
  });
}

const isWithin = (path: string, folder: string) => path === folder || path.startsWith(`${folder}/`);

function isAllowed({ from, to, isType }: Import): boolean {
  const part = Object.keys(MAY_IMPORT).find((folder) => isWithin(from, folder));
  if (!part) return false;
  const isPackage = !/^(workers|durable-objects|shared|migrations|scripts|test)\//.test(to) && !to.startsWith('..');
  const isObjectType = isType && part.startsWith('workers/') && isWithin(to, 'durable-objects');
  return isPackage || isObjectType || [part, ...(MAY_IMPORT[part] ?? [])].some((folder) => isWithin(to, folder));
}

function violations(files: readonly ProjectFile[]): string[] {
  return files.flatMap(importsOf).flatMap((each) => {
    const { from, to } = each;
    const reasons = FORBIDDEN.filter(({ within, pattern }) => isWithin(from, within) && pattern.test(to));
    return [...(isAllowed(each) ? [] : ['wrong direction']), ...reasons.map(({ why }) => why)].map(
      (why) => `${from} imports ${to}: ${why}`,
    );
  });
}

describe('dependencies point one way', () => {
  it('in every file of every Worker', () => {
    expect(violations(workerSources())).toEqual([]);
  });

  it.each([
    ['shared/domain/a.ts', "import { b } from '../db/client.ts';"],
    ['shared/domain/a.ts', "import type { B } from '../services/b.ts';"],
    ['shared/domain/a.ts', "import { z } from 'zod';"],
    ['shared/contracts/a.ts', "export { b } from '../domain/b.ts';"],
    ['shared/contracts/a.ts', "import { sql } from 'drizzle-orm';"],
    ['shared/providers/a.ts', "import {\n  b,\n  c,\n} from '../platform/b.ts';"],
    ['shared/services/a.ts', "import { b } from '../../workers/gateway/b.ts';"],
    ['shared/unlisted/a.ts', "import { b } from '../contracts/b.ts';"],
    ['workers/gateway/a.ts', "import { b } from '../ledger/b.ts';"],
    ['workers/providers/a.ts', "import { b } from '../gateway/pipeline/plan-request.ts';"],
    ['workers/gateway/a.ts', "import { TaskRunnerBase } from '../../durable-objects/task-runner/task-runner-base.ts';"],
    ['workers/gateway/a.ts', "import { TenantGate } from '../../durable-objects/tenant-gate/tenant-gate.ts';"],
    ['workers/ledger/a.ts', "import '../../scripts/dev/b.ts';"],
    ['workers/ledger/a.ts', "const b = await import('../../test/harness/b.ts');"],
    ['durable-objects/a.ts', "import { b } from '../workers/gateway/b.ts';"],
    ['shared/providers/a/b.ts', "import type { B } from '../index.ts';"],
    ['workers/gateway/a.ts', "import { b } from '../../shared/providers/index.ts';"],
    ['workers/gateway/routes/a/b.ts', "import { eq } from 'drizzle-orm';"],
    ['workers/gateway/routes/a/b.ts', "import { tenantGate } from '../../../../durable-objects/stubs.ts';"],
  ])('and %s may not: %s', (path, text) => {
    expect(violations([{ path, text }])).not.toEqual([]);
  });

  it.each([
    ['workers/gateway/a.ts', "import { tenantGate } from '../../durable-objects/stubs.ts';"],
    ['workers/gateway/a.ts', "import type { TenantGate } from '../../durable-objects/tenant-gate/tenant-gate.ts';"],
    ['shared/services/a.ts', "import { sql } from 'drizzle-orm';\nimport { b } from '../domain/b.ts';"],
    ['shared/domain/a.ts', "export interface A { b: string }\nimport type { C } from '../contracts/c.ts';"],
  ])('while %s may: %s', (path, text) => {
    expect(violations([{ path, text }])).toEqual([]);
  });
});
