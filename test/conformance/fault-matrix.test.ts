import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ProviderError, type ProviderErrorKind } from '../../shared/providers/provider-error.ts';
import { collect } from '../../shared/providers/testing/answering.ts';
import { providerErrorToDomain } from '../../workers/gateway/pipeline/provider-error-to-domain.ts';
import { ADVICE, type Cell, FAULTS, type Fault } from './faults.ts';
import { closedOrigin, MisbehavingVendor } from './misbehaving-vendor.ts';
import { saying } from './requests.ts';
import { callOptions, SUBJECTS, type Subject } from './subjects.ts';
import { unpooledFetch } from './vendor-mock.ts';

const KINDS = Object.keys(ADVICE) as ProviderErrorKind[];
const UNKNOWN_HOST = 'http://vendor.invalid';
const LATE = new DOMException('late', 'TimeoutError');

let vendor: MisbehavingVendor;
let closed: string;
beforeAll(async () => {
  vendor = await new MisbehavingVendor().start();
  closed = await closedOrigin();
});
afterAll(async () => {
  await vendor[Symbol.asyncDispose]();
});

/** Calls a vendor that fails so, and answers the failure; throws when there is none, or one that is not handled. */
async function failureOf(subject: Subject, fault: Fault, way: 'generate' | 'stream'): Promise<ProviderError> {
  const controller = new AbortController();
  const { does } = fault;
  if (typeof does === 'function') vendor.misbehaviour = does(subject.adapter.provider);
  if (does === 'hang') vendor.misbehaviour = () => controller.abort(LATE);
  const origin = does === 'refuse' ? closed : does === 'unknown-host' ? UNKNOWN_HOST : vendor.origin;
  const environment = { origin: () => origin, fetch: unpooledFetch };
  const options = callOptions(subject, environment, { abortSignal: controller.signal });
  try {
    if (way === 'generate') await subject.adapter.generate(saying('hi'), options);
    const last = way === 'stream' && (await collect(await subject.adapter.stream(saying('hi'), options))).at(-1);
    if (last && last.type === 'stream-error') return last.error;
  } catch (thrown) {
    if (thrown instanceof ProviderError) return thrown;
    throw thrown;
  }
  throw new Error(`${fault.name} was answered`);
}

function cellOf({ kind, billing, retryAfterMs }: ProviderError): Cell {
  return { kind, billing, ...(retryAfterMs !== undefined && { retryAfterMs }) };
}

describe('F7', () => {
  for (const subject of SUBJECTS) {
    describe(subject.name, () => {
      it.each(FAULTS.map((fault) => [fault.name, fault] as const))('%s', async (_name, fault) => {
        const [generated, streamed] = [
          await failureOf(subject, fault, 'generate'),
          await failureOf(subject, fault, 'stream'),
        ];
        expect(cellOf(generated)).toEqual(fault.generate);
        expect(cellOf(streamed)).toEqual(fault.stream ?? fault.generate);
        expect([generated.retry, streamed.retry]).toEqual([ADVICE[generated.kind], ADVICE[streamed.kind]]);
      });
    });
  }

  it('has a cell for every fault and every provider', () => {
    expect(FAULTS.length * SUBJECTS.length).toBeGreaterThanOrEqual(88);
    expect(new Set(FAULTS.map(({ name }) => name)).size).toBe(FAULTS.length);
  });

  it('tells a handled failure from one that is not', async () => {
    const [subject] = SUBJECTS;
    const [fault] = FAULTS;
    if (!subject || !fault) throw new Error('unreachable: there are some');
    const bug = new RangeError('a bug');
    const broken: Subject = { ...subject, adapter: { ...subject.adapter, generate: () => Promise.reject(bug) } };
    await expect(failureOf(broken, fault, 'generate')).rejects.toBe(bug);
  });
});

describe('docs/providers/errors.md', () => {
  const cell = ({ kind, retryAfterMs }: Cell) =>
    `\`${kind}\`${retryAfterMs ? `, waits ${retryAfterMs / 1_000} s` : ''}`;
  const codeOf = (kind: ProviderErrorKind) => providerErrorToDomain(ProviderError.of(kind, '')).code;

  it('lists every kind and every fault as they are, and no other', () => {
    const kinds = KINDS.map((kind) => `| \`${kind}\` | ${ADVICE[kind]} | \`${codeOf(kind)}\` |`);
    const faults = FAULTS.map(({ name, generate, stream = generate }) => {
      const billed = generate.billing === 'not-billed' ? 'no' : 'maybe';
      return `| ${name} | ${cell(generate)} | ${cell(stream)} | ${billed} |`;
    });
    const page = readFileSync(join(import.meta.dirname, '../../docs/providers/errors.md'), 'utf8');
    const rows = page.split('\n').filter((line) => line.startsWith('| ') && !line.startsWith('| ---'));
    expect(rows).toEqual(['| kind | retry | code |', ...kinds, '| fault | at once | streamed | billed |', ...faults]);
  });
});
