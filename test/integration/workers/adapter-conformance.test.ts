import { describe } from 'vitest';
import { adapterConformance } from '../../conformance/adapter-conformance.ts';
import { fixtureConformance } from '../../conformance/fixture-conformance.ts';
import { SUBJECTS } from '../../conformance/subjects.ts';
import { testEnv } from '../../harness/mint-tenant.ts';

describe('in Workers', () => {
  for (const subject of SUBJECTS) {
    adapterConformance(subject, { origin: () => testEnv.PROVIDER_URL, fetch: (...request) => fetch(...request) });
    fixtureConformance(subject);
  }
});
