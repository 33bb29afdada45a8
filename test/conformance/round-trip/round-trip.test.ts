import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkRoundTrip } from './check-round-trip.ts';
import { FAULTS } from './controls.ts';
import { DIALECTS } from './dialects.ts';
import { PROVIDERS, send } from './providers.ts';

/** Of each dialect, each of them for every provider. */
const CONVERSATIONS = 10_000;
/** Within which a fault is found. */
const CONTROLS = 2_000;
const SEED = 4;

describe.each(DIALECTS)('a conversation in $dialect', ({ cases }) => {
  it('reaches every provider whole, but for what a warning tells', { timeout: 120_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(cases, (conversation) => checkRoundTrip(conversation, PROVIDERS, send)),
      { numRuns: CONVERSATIONS, seed: SEED },
    );
  });

  describe.each(PROVIDERS)('is found not to reach $name', (provider) => {
    it.each(FAULTS)('where $fault', async ({ faulty }) => {
      const { errorInstance } = await fc.check(
        fc.asyncProperty(cases, (conversation) => checkRoundTrip(conversation, [provider], faulty)),
        { numRuns: CONTROLS, seed: SEED, endOnFailure: true },
      );
      const { name } = provider;
      expect(String(errorInstance)).toMatch(
        new RegExp(`^Error: ${name} (is told|lacks warnings|has needless warnings)\\n`),
      );
    });
  });
});
