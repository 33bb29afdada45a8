import type { LLMock } from '@copilotkit/aimock';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PROVIDERS } from '../../shared/contracts/names.ts';
import { adapterConformance } from './adapter-conformance.ts';
import { fixtureConformance } from './fixture-conformance.ts';
import { SUBJECTS } from './subjects.ts';
import { startVendorMock, unpooledFetch } from './vendor-mock.ts';

let mock: LLMock;
beforeAll(async () => {
  mock = await startVendorMock();
});
afterAll(async () => {
  await mock.stop();
});

describe('in Node', () => {
  it('every provider is a subject', () => {
    expect(new Set(SUBJECTS.map(({ adapter }) => adapter.provider))).toEqual(new Set(PROVIDERS));
  });

  for (const subject of SUBJECTS) {
    adapterConformance(subject, { origin: () => mock.url, fetch: unpooledFetch });
    fixtureConformance(subject);
  }
});
