import { createHash } from 'node:crypto';
import { calcPrice, findProvider, type MatchLogic, type ModelPrice } from '@pydantic/genai-prices';
import { PROVIDERS, type ProviderName } from '../../shared/contracts/names.ts';
import type { PriceComponent } from '../../shared/contracts/tenant-snapshot.ts';

/** Price per unit of `kind`, for requests of `fromInputTokens` and more. */
export interface Price extends PriceComponent {
  readonly provider: ProviderName;
  readonly model: string;
  readonly contextTokens: number | null;
}

export interface PriceList {
  /** Derived from the prices: equal lists have equal ids. */
  readonly id: string;
  readonly source: string;
  readonly prices: readonly Price[];
}

/** Keys of the package that our usage can be priced by, and how many units each of its prices is for. */
const COMPONENTS = [
  { kind: 'input', key: 'input_mtok', units: 1_000_000n },
  { kind: 'cached_input', key: 'cache_read_mtok', units: 1_000_000n },
  { kind: 'cache_write', key: 'cache_write_mtok', units: 1_000_000n },
  { kind: 'audio_input', key: 'input_audio_mtok', units: 1_000_000n },
  { kind: 'output', key: 'output_mtok', units: 1_000_000n },
  { kind: 'audio_output', key: 'output_audio_mtok', units: 1_000_000n },
  { kind: 'search', key: 'web_searches_kcount', units: 1_000n },
  { kind: 'request', key: 'requests_kcount', units: 1_000n },
] as const;

/** Models that another API serves, or that bill what our usage does not tell: pictures, seconds, a search in each call. */
const NOT_CALLED =
  /image|live|omni|realtime|transcribe|tts|whisper|voxtral|audio-preview|native-audio|search|moderation|computer-use/;

/** Models that answer a vector: their input is all that they bill. */
const EMBEDDING = /embed/;

/** Models that a provider's own API does not serve: Vertex lists Claude under Google. */
const FOREIGN: Partial<Record<ProviderName, RegExp>> = { google: /^(?!gemini|gemma)/ };

const PICO_DIGITS = 12;

/**
 * What the models of our providers cost on a day, from the data bundled with `@pydantic/genai-prices`; no network. Names
 * are each model's id and its exact aliases. Left out is what neither chats nor embeds, and what has a price that our
 * usage cannot express (such as perplexity's citation tokens): billing it by the rest would lose spend.
 */
export function readPriceList(now: Date): PriceList {
  const prices = PROVIDERS.flatMap((provider) => pricesOf(provider, now)).sort((one, other) =>
    sortKey(one) < sortKey(other) ? -1 : 1,
  );
  return { id: contentId(JSON.stringify(prices)), source: '@pydantic/genai-prices', prices };
}

/** Pico-dollars per unit from dollars per `units`, in decimal arithmetic. Throws when that is not a whole number. */
export function toPicoUsdPerUnit(usd: number, units: bigint): string {
  const match = /^(\d+)(?:\.(\d+))?(?:e([+-]\d+))?$/.exec(String(usd)); // the shortest text that means this number
  if (!match) throw new RangeError(`${usd} is not a price`);
  const [, whole = '', fraction = '', exponent = '0'] = match;
  const scale = PICO_DIGITS + Number(exponent) - fraction.length;
  const numerator = BigInt(whole + fraction) * 10n ** BigInt(Math.max(scale, 0));
  const denominator = units * 10n ** BigInt(Math.max(-scale, 0));
  if (numerator % denominator !== 0n) throw new RangeError(`${usd} USD for ${units} is finer than a pico-dollar`);
  return String(numerator / denominator);
}

function pricesOf(provider: ProviderName, now: Date): Price[] {
  const found = findProvider({ providerId: provider }); // by resemblance: it takes "openai-compatible" for "openai"
  const models = found?.id === provider ? found.models : [];
  return models.flatMap((model) =>
    [...new Set([model.id, ...exactNames(model.match)])].flatMap((name) => {
      // The package's own look-up decides which model a name means and which of its prices holds now.
      const match = calcPrice({}, name, { providerId: provider, timestamp: now });
      if (match?.model !== model || model.deprecated || !isCallable(name, match.model_price)) return [];
      if (name.endsWith('-') || FOREIGN[provider]?.test(name)) return [];
      const contextTokens = model.context_window ?? null;
      return componentsOf(name, match.model_price).map((part) => ({ provider, model: name, contextTokens, ...part }));
    }),
  );
}

function exactNames(match: MatchLogic): string[] {
  if ('or' in match) return match.or.flatMap(exactNames);
  return 'equals' in match ? [match.equals] : [];
}

function isCallable(name: string, price: ModelPrice): boolean {
  const known = new Set<string>(COMPONENTS.map(({ key }) => key));
  const hasOtherOutput = Object.keys(price).some((key) => key.startsWith('output_') && !known.has(key));
  const hasText = price.input_mtok !== undefined && (price.output_mtok !== undefined || EMBEDDING.test(name));
  return hasText && !hasOtherOutput && !NOT_CALLED.test(name);
}

function componentsOf(name: string, price: ModelPrice): PriceComponent[] {
  const billed = EMBEDDING.test(name) ? COMPONENTS.filter(({ kind }) => kind === 'input') : COMPONENTS;
  return billed.flatMap(({ kind, key, units }) => {
    const value = price[key];
    if (value === undefined) return [];
    // A tier of the package begins above its `start`.
    const steps =
      typeof value === 'number'
        ? [{ usd: value, fromInputTokens: 0 }]
        : [
            { usd: value.base, fromInputTokens: 0 },
            ...value.tiers.map((tier) => ({ usd: tier.price, fromInputTokens: tier.start + 1 })),
          ];
    return steps.map(({ usd, fromInputTokens }) => ({
      kind,
      picoUsdPerUnit: toPicoUsdPerUnit(usd, units),
      fromInputTokens,
    }));
  });
}

function sortKey({ provider, model, kind, fromInputTokens }: Price): string {
  return [provider, model, kind, String(fromInputTokens).padStart(12, '0')].join('\0');
}

/** A UUID of version 8 (RFC 9562, section 5.8) from the SHA-256 of a text. */
function contentId(text: string): string {
  const bytes = createHash('sha256').update(text).digest().subarray(0, 16);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x80;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
