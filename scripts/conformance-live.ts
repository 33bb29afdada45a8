import { join } from 'node:path';
import { startVitest } from 'vitest/node';
import { liveAccounts } from '../test/conformance/live-accounts.ts';

const CALL_LIMIT_MS = 60_000;

/**
 * `npm run conformance:live`: the part of the conformance suite that holds for real vendors, against those whose
 * credentials are in the environment. It spends a few cents, and records what they answer as fixtures.
 */
async function main(): Promise<void> {
  const { accounts, missing } = liveAccounts(process.env);
  for (const { name, variables } of missing) console.log(`skipped: ${name} (set ${variables.join(' and ')})`);
  if (accounts.length === 0) {
    console.log('Nothing was run: no vendor has its credentials in the environment.');
    return;
  }
  console.log(`runs: ${accounts.map(({ name }) => name).join(', ')}`);
  const vitest = await startVitest('test', [], {
    config: false,
    root: join(import.meta.dirname, '..'),
    include: ['test/conformance/live.ts'],
    watch: false,
    testTimeout: CALL_LIMIT_MS,
    hookTimeout: CALL_LIMIT_MS,
  });
  await vitest.close();
}

await main();
