import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { updateScalePage } from './scale-page.ts';
import { DEFAULT_SCALE, simulate } from './simulation.ts';

const PAGE = join(import.meta.dirname, '../../../docs/scale.md');
const SMALL = { ...DEFAULT_SCALE, rate: 200, tenants: 20, isolates: 2 };

describe('simulate', () => {
  it('is the same for the same seed, and another for another', async () => {
    const first = await simulate(SMALL);
    expect(await simulate(SMALL)).toEqual(first);
    expect(await simulate({ ...SMALL, seed: 2 })).not.toEqual(first);
  });

  it('admits a tenant’s only isolate mostly without calls, and refuses nobody who has room', async () => {
    const { requests, local, refused } = await simulate({ ...SMALL, tenants: 1, isolates: 1 });
    expect(refused).toBe(0);
    expect(local / requests).toBeGreaterThan(0.9);
  });

  it('spreads a hot tenant over shards, which do its work in place of one object', async () => {
    const { shards, busiest, refused } = await simulate({ ...SMALL, rate: 3_000, tenants: 1, isolates: 40 });
    expect(refused).toBe(0);
    expect(shards).toBeGreaterThan(1);
    expect(busiest.requests).toBeLessThan(0.75 * 3_000);
  });

  it('sends every event to the ledger', async () => {
    const { requests, gates } = await simulate({ ...SMALL, warmUpSeconds: 6, seconds: 4 });
    expect(gates.events / requests).toBeGreaterThan(0.9);
    expect(gates.confirms / gates.messages).toBeGreaterThan(0.9);
  });
});

it('docs/scale.md has the simulation’s numbers', { timeout: 120_000 }, async () => {
  const page = readFileSync(PAGE, 'utf8');
  expect(await updateScalePage(page)).toBe(page);
});
