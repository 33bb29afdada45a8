import { createHash } from 'node:crypto';
import type { LoadOptions } from './load-options.ts';

/** A model that the price list knows, with its prices in pico-USD. */
export interface PricedModel {
  readonly provider: string;
  readonly model: string;
  readonly input: string;
  readonly cachedInput: string;
  readonly output: string;
}

/** Where requests come from and go to: one key of a tenant, one model. */
export interface Lane extends PricedModel {
  readonly tenantId: string;
  readonly environmentId: string;
  readonly apiKeyId: string;
  readonly weight: number;
}

const BIG_TENANTS = 3;
const MIDDLE_TENANTS = 20;
const BIG_KEYS = 6;
const MIDDLE_KEYS = 3;
const SECOND_MODEL = 0.15;

/** The id of the `rank`-th tenant, 1 being the largest. */
export function tenantIdOf(seed: number, rank: number): string {
  return idOf(seed, 'tenant', rank);
}

/**
 * Every lane: tenants are sized by Zipf's law; the larger have more keys, and a second model that some of a key's requests
 * go to.
 */
export function lanesOf({ seed, tenants }: LoadOptions, models: readonly PricedModel[]): Lane[] {
  const lanes: Lane[] = [];
  for (let rank = 1; rank <= tenants; rank++) {
    const keys = rank <= BIG_TENANTS ? BIG_KEYS : rank <= MIDDLE_TENANTS ? MIDDLE_KEYS : 1 + (rank % 2);
    for (let key = 1; key <= keys; key++) {
      const weight = 1 / rank / keys;
      const second = rank <= MIDDLE_TENANTS ? SECOND_MODEL : 0;
      const from = {
        tenantId: tenantIdOf(seed, rank),
        environmentId: environmentIdOf(seed, rank, key % 3 === 2 ? 'staging' : 'prod'),
        apiKeyId: idOf(seed, `key ${key}`, rank),
      };
      for (const [at, share] of [1 - second, second].entries()) {
        const model = models[(rank * 5 + key * 3 + at) % models.length];
        if (model && share > 0) lanes.push({ ...from, ...model, weight: weight * share });
      }
    }
  }
  return lanes;
}

export function environmentIdOf(seed: number, rank: number, name: string): string {
  return idOf(seed, `environment ${name}`, rank);
}

/** A UUID of version 8 from what it names. */
function idOf(seed: number, kind: string, rank: number): string {
  const digits = createHash('sha256').update(`${seed}/${kind}/${rank}`).digest('hex');
  return `${digits.slice(0, 8)}-${digits.slice(8, 12)}-8${digits.slice(13, 16)}-a${digits.slice(17, 20)}-${digits.slice(20, 32)}`;
}
