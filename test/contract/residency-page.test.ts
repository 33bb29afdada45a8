import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { REGIONAL_ENDPOINTS } from '../../shared/domain/routing/provider-endpoints.ts';

const PAGE = readFileSync(join(import.meta.dirname, '../../docs/residency.md'), 'utf8');

/** Entries of the list that the page does not tell of: their host (one for all single locations), evidence and date. */
function untold(page: string): string[] {
  return REGIONAL_ENDPOINTS.filter(({ host, location, region, evidence, readOn }) => {
    const isOneLocation = location !== undefined && location !== `locations/${region}`;
    const isHostTold = isOneLocation
      ? page.includes('hosts of one location')
      : page.includes(`${host}\``) || page.includes(`${host} `);
    return !isHostTold || !page.includes(`(${evidence}), ${readOn}`);
  }).map(({ host }) => host);
}

it('docs/residency.md has every endpoint with its evidence and its date', () => {
  expect(untold(PAGE)).toEqual([]);
});

it('would be found out without one of them (control)', () => {
  expect(untold(PAGE.replaceAll('api.us.mistral.ai', 'x'))).toEqual(['api.us.mistral.ai']);
  expect(untold(PAGE.replaceAll('2026-11-30', '2025-01-01')).length).toBe(REGIONAL_ENDPOINTS.length);
});
