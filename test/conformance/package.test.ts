import { execFile, execFileSync } from 'node:child_process';
import {
  globSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, sep } from 'node:path';
import { promisify } from 'node:util';
import type { LLMock } from '@copilotkit/aimock';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import project from '../../package.json' with { type: 'json' };
import { buildProvidersPackage } from '../../scripts/build-providers-package.ts';
import { PROVIDERS } from '../../shared/contracts/names.ts';
import source from '../../shared/providers/package.json' with { type: 'json' };
import { HELLO, SAYS } from './says.ts';
import { startVendorMock } from './vendor-mock.ts';

const run = promisify(execFile);
const TSC = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin/tsc');

const VALUES = [
  ...['AuthError', 'DEFAULT_COMPLETION_MODEL', 'DEFAULT_EMBEDDING_MODELS', 'DEFAULT_MODELS', 'PROVIDERS'],
  ...['ProviderError', 'RateLimited', 'Retryable', 'ValidationError', 'adapterFor', 'anthropicAdapter', 'costOf'],
  ...['googleAdapter', 'maxCostOf', 'mistralAdapter', 'openaiAdapter', 'openaiCompatibleAdapter', 'perplexityAdapter'],
];
const TYPES = [
  ...['AssistantMessage', 'CallOptions', 'ChatMessage', 'ChatRequest', 'CompletionRequest', 'EmbedResult'],
  ...[
    'ByteReader',
    'EmbeddingRequest',
    'EventGroup',
    'FailureBilling',
    'FilePart',
    'FinishReason',
    'GenerateResult',
    'ImagePart',
    'JsonSchema',
  ],
  ...[
    'JsonValue',
    'MediaSource',
    'NativeCalls',
    'NativeRequest',
    'NativeResult',
    'NativeStream',
    'PartStream',
    'PriceComponent',
    'ProviderAdapterV1',
    'ProviderErrorKind',
    'ProviderErrorOptions',
  ],
  ...['ProviderName', 'RateLimitHints', 'RateLimitWindow', 'ReasoningPart', 'ReportedUsage', 'ResponseFormat'],
  ...[
    'RetryAdvice',
    'ServerSentEvent',
    'Source',
    'StreamPart',
    'StreamResult',
    'TextPart',
    'Tool',
    'ToolCall',
    'ToolChoice',
    'Usage',
    'UsageBound',
  ],
  'WireFormat',
];

/** Calls every provider as somebody would who has installed the package, and prints what came of it. */
const CALLER = `
import * as all from '@eufm/providers';
const [origin, hello, rateLimited] = process.argv.slice(2);
const asking = (content) => ({ messages: [{ role: 'user', content }], maxOutputTokens: 100 });
const answers = [];
for (const provider of all.PROVIDERS) {
  const options = {
    model: all.DEFAULT_MODELS[provider] ?? 'any-model',
    credentials: { apiKey: 'test-key' },
    baseUrl: origin,
    fetch,
    now: Date.now,
    generateId: () => crypto.randomUUID(),
    abortSignal: AbortSignal.timeout(10_000),
  };
  const adapter = all.adapterFor(provider);
  const { message, finishReason } = await adapter.generate(asking(hello), options);
  const parts = [];
  const stream = await adapter.stream(asking(hello), options);
  for await (const group of stream.parts) parts.push(...group);
  const text = parts.map((part) => (part.type === 'text-delta' ? part.text : '')).join('');
  const refusal = await adapter.generate(asking(rateLimited), options).catch((error) => error);
  const isRefused = refusal instanceof all.RateLimited && refusal instanceof all.ProviderError;
  answers.push({ provider, said: message.content, finishReason, streamed: text, last: parts.at(-1).type, isRefused });
}
console.log(JSON.stringify({ names: Object.keys(all), answers }));
`;

/** Names every type, and reads a stream to its last kind of part. */
const TYPED = `
import type { ${TYPES.join(', ')} } from '@eufm/providers';
export type All = [${TYPES.join(', ')}];
export function textOf(part: StreamPart): string {
  switch (part.type) {
    case 'text-delta':
    case 'reasoning-delta':
      return part.text;
    case 'stream-error':
      return part.error.retry satisfies RetryAdvice;
    case 'finish':
      return \`\${part.finishReason} \${part.usage.unified?.outputTokens?.toFixed() ?? 'unknown'}\`;
    case 'response-start':
    case 'reasoning-end':
    case 'tool-call-start':
    case 'tool-call-delta':
    case 'tool-call-end':
    case 'source':
    case 'usage-update':
      return '';
  }
}
export const provider: ProviderName = 'mistral';
`;

let mock: LLMock;
let home: string;
let installed: string;
beforeAll(async () => {
  mock = await startVendorMock();
  home = mkdtempSync(join(tmpdir(), 'eufm-package-'));
  installed = join(home, 'node_modules/@eufm/providers');
  await install();
});
afterAll(async () => {
  await mock.stop();
  rmSync(home, { recursive: true, force: true });
});

/** Builds, packs and unpacks the package where a project finds it that has installed it and zod, and nothing else. */
async function install(): Promise<void> {
  const built = join(home, 'built');
  await buildProvidersPackage(built);
  const npm = {
    npm_config_offline: 'true',
    npm_config_update_notifier: 'false',
    npm_config_cache: join(home, 'cache'),
  };
  await run('npm', ['pack', '--pack-destination', home], { cwd: built, env: { ...process.env, ...npm } });
  const archive = readdirSync(home).find((name) => name.endsWith('.tgz')) ?? '';
  expect(archive).toBe(`eufm-providers-${source.version}.tgz`);
  mkdirSync(installed, { recursive: true });
  await run('tar', ['-xzf', join(home, archive), '--strip-components=1', '-C', installed]);
  symlinkSync(dirname(createRequire(import.meta.url).resolve('zod/package.json')), join(home, 'node_modules/zod'));
}

/** The Node that runs this, and the machine's own where it is another one that the package is made for. */
function runtimes(): string[] {
  const path = process.env.PATH?.split(delimiter).filter((folder) => !folder.includes(`node_modules${sep}`)) ?? [];
  const tell = ['-p', 'process.execPath + " " + process.versions.node'];
  try {
    const told = execFileSync('node', tell, { env: { PATH: path.join(delimiter) }, encoding: 'utf8' }).trim();
    const [executable = '', version = ''] = told.split(' ');
    return [...new Set([process.execPath, ...(Number.parseInt(version, 10) >= 20 ? [executable] : [])])];
  } catch {
    return [process.execPath];
  }
}

describe('@eufm/providers, packed', () => {
  it('holds code, declarations, README and manifest, and no sources', () => {
    const files = globSync('**/*.*', { cwd: installed }).filter((file) => !file.endsWith('.d.ts'));
    expect(files.toSorted()).toEqual(['README.md', 'index.js', 'package.json']);
    const { private: isPrivate, devDependencies, ...published } = source;
    expect(JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8'))).toEqual(published);
  });

  it.each(runtimes())('answers and streams every provider in a plain %s', async (node) => {
    writeFileSync(join(home, 'caller.mjs'), CALLER);
    const args = [join(home, 'caller.mjs'), mock.url, SAYS.hello, SAYS.rateLimited];
    const { stdout, stderr } = await run(node, args, { cwd: home, env: {} });
    const { names, answers } = JSON.parse(stdout);
    expect(stderr).toBe('');
    expect(names).toEqual(VALUES);
    const expected = { said: HELLO, finishReason: 'stop', streamed: HELLO, last: 'finish', isRefused: true };
    expect(answers).toEqual(PROVIDERS.map((provider) => ({ provider, ...expected })));
  });

  it('exports what is listed here, and no more', () => {
    const entry = readFileSync(join(installed, 'types/providers/index.d.ts'), 'utf8');
    const names = [...entry.matchAll(/^export (?:type )?\{(.*?)\}/gms)].flatMap(
      ([, list = '']) => list.match(/\w+/g) ?? [],
    );
    expect(names.toSorted()).toEqual([...VALUES, ...TYPES].toSorted());
  });

  it('has types that compile strictly with what it depends on alone, as its example does', async () => {
    const [, example = ''] = /```ts\n(.*?)```/s.exec(readFileSync(join(installed, 'README.md'), 'utf8')) ?? [];
    expect(example).toContain('@eufm/providers');
    writeFileSync(join(home, 'example.mts'), example);
    writeFileSync(join(home, 'typed.mts'), TYPED);
    const rules = ['--strict', '--exactOptionalPropertyTypes', '--noImplicitReturns', '--noEmit'];
    const target = ['--module', 'nodenext', '--target', 'es2022', '--lib', 'es2022,dom', '--types', ''];
    const args = [TSC, ...rules, ...target, '--ignoreConfig', 'example.mts', 'typed.mts'];
    const { stdout } = await run(process.execPath, args, { cwd: home }).catch((failure) => failure);
    expect(stdout).toBe('');
  });
});

describe('the manifest of @eufm/providers', () => {
  it('has the versions of the project', () => {
    const versions: Record<string, string> = { ...project.dependencies, ...project.devDependencies };
    for (const [name, version] of Object.entries(source.devDependencies))
      expect([name, version]).toEqual([name, versions[name]]);
    expect(source.dependencies).toEqual({ zod: `^${versions.zod}` });
  });
});
