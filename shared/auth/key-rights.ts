import { PROVIDERS } from '../contracts/names.ts';
import type { SnapshotApiKey } from '../contracts/tenant-snapshot.ts';
import type { FieldError } from '../errors/domain-error.ts';
import { type IpRange, isWithin, readIpRange } from './ip-ranges.ts';

/** What a key may do, where, how long and from where. A null list allows all; `expiresAt` is epoch milliseconds. */
export interface KeyRights {
  readonly environmentId: string;
  readonly scopes: readonly string[];
  readonly expiresAt: number | null;
  readonly ipAllowList: readonly string[] | null;
  readonly models: readonly string[] | null;
}

/** Who gives rights: their permissions, and the key that they use, which may be restricted in other ways too. */
export interface Grantor {
  readonly permissions: ReadonlySet<string>;
  readonly apiKey: SnapshotApiKey | null;
  /** The one environment that their identity provider brings them into; null: all. */
  readonly homeEnvironmentId: string | null;
}

/** What a grant has that its giver does not have, by field; empty when they may give it. */
export function excessOf(rights: KeyRights, { permissions, apiKey, homeEnvironmentId }: Grantor): FieldError[] {
  const lacking = rights.scopes.filter((scope) => !permissions.has(scope));
  const isElsewhere = homeEnvironmentId !== null && rights.environmentId !== homeEnvironmentId;
  return [
    ...(lacking.length > 0 ? [excess('/scopes', `you do not have ${lacking.join(', ')}`)] : []),
    ...(isElsewhere ? [excess('/environmentId', 'your identity provider is for another environment')] : []),
    ...(apiKey === null ? [] : excessOverKey(rights, apiKey)),
  ];
}

function excessOverKey(rights: KeyRights, own: SnapshotApiKey): FieldError[] {
  const { environmentId, expiresAt, ipAllowList, models } = rights;
  const ends = own.expiresAt ?? Number.POSITIVE_INFINITY;
  return [
    ...(environmentId === own.environmentId ? [] : [excess('/environmentId', 'your key is of another environment')]),
    ...((expiresAt ?? Number.POSITIVE_INFINITY) <= ends ? [] : [excess('/expiresAt', 'your key expires before')]),
    ...(isWithinAddresses(ipAllowList, own)
      ? []
      : [excess('/ipAllowList', 'your key may not be used from all of them')]),
    ...(isWithinModels(models, own) ? [] : [excess('/models', 'your key may not call all of them')]),
  ];
}

function excess(pointer: string, detail: string): FieldError {
  return { pointer, detail };
}

function isWithinAddresses(list: KeyRights['ipAllowList'], own: SnapshotApiKey): boolean {
  const allowed = rangesOf(own);
  if (allowed === null) return true;
  if (list === null) return false;
  return list.every((text) => {
    const range = readIpRange(text);
    return range !== null && isWithin(range, allowed);
  });
}

function isWithinModels(list: KeyRights['models'], { models: allowed }: SnapshotApiKey): boolean {
  if (allowed === undefined) return true;
  return list?.every((word) => allowed.some((own) => covers(readModelWord(own), readModelWord(word)))) ?? false;
}

/** If a key may be used from an address: a malformed one is on no list. */
export function isAddressAllowed(apiKey: SnapshotApiKey, address: string | null): boolean {
  const allowed = rangesOf(apiKey);
  if (allowed === null) return true;
  const range = address === null ? null : readIpRange(address);
  return range !== null && isWithin(range, allowed);
}

/** If a key may call a model. */
export function isModelAllowed(apiKey: SnapshotApiKey, called: { provider: string; model: string }): boolean {
  return apiKey.models === undefined || modelWordsOf(apiKey, apiKey.models).some((word) => covers(word, called));
}

/** A model's name, and its provider's where the word says it. */
interface ModelWord {
  readonly provider?: string;
  readonly model: string;
}

/** Read once per snapshot. */
const modelWords = new WeakMap<SnapshotApiKey, readonly ModelWord[]>();

function modelWordsOf(apiKey: SnapshotApiKey, models: readonly string[]): readonly ModelWord[] {
  const known = modelWords.get(apiKey) ?? models.map(readModelWord);
  modelWords.set(apiKey, known);
  return known;
}

function readModelWord(word: string): ModelWord {
  const slash = word.indexOf('/');
  const provider = PROVIDERS.find((name) => name === word.slice(0, slash));
  return provider ? { provider, model: word.slice(slash + 1) } : { model: word };
}

/** If all that is named is what `word` allows. */
function covers(allowed: ModelWord, named: ModelWord): boolean {
  return allowed.model === named.model && (allowed.provider === undefined || allowed.provider === named.provider);
}

const ranges = new WeakMap<SnapshotApiKey, readonly IpRange[]>();

/** The key's ranges, read once per snapshot; null when it has no list. What cannot be read allows nothing. */
function rangesOf(apiKey: SnapshotApiKey): readonly IpRange[] | null {
  const { ipAllowList } = apiKey;
  if (ipAllowList === undefined) return null;
  const known = ranges.get(apiKey) ?? ipAllowList.map(readIpRange).filter((range) => range !== null);
  ranges.set(apiKey, known);
  return known;
}
