import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose';
import { KeysUnavailable } from '../../../shared/auth/verify-signed-token.ts';
import { ExpiringMap } from '../../../shared/platform/expiring-map.ts';
import { readBoundedText } from '../../../shared/platform/read-bounded-text.ts';
import {
  ISSUER_ANSWER_MAX_BYTES,
  ISSUER_KEYS_MAX_AGE_MS,
  ISSUER_KEYS_PAUSE_MS,
  ISSUER_TIMEOUT_MS,
  MOST_ISSUERS,
} from '../constants.ts';

interface Keys {
  find: ReturnType<typeof createLocalJWKSet> | null;
  fetchedAt: number;
  askedAt: number;
  fetching: Promise<void> | null;
}

interface IssuerKeysOptions {
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>;
  now(): number;
}

/**
 * The public keys of issuers (RFC 7517). They are fetched when they are ten minutes old, and before that for a key that is
 * not among them, but never more than once in 30 seconds whatever tokens come. While an issuer is away its keys serve
 * until they are that old. Fails closed: then no token of it is accepted.
 */
export class IssuerKeys {
  readonly #options: IssuerKeysOptions;
  readonly #known: ExpiringMap<string, Keys>;

  constructor(options: IssuerKeysOptions) {
    this.#options = options;
    this.#known = new ExpiringMap(MOST_ISSUERS, options.now);
  }

  /** Looks up keys of one issuer for `jwtVerify`; throws `KeysUnavailable`. `urlOf` is asked when they are to be fetched. */
  of(issuer: string, urlOf: () => Promise<string>): JWTVerifyGetKey {
    return async (header, token) => {
      const keys = this.#keysOf(issuer);
      if (this.#options.now() - keys.fetchedAt > ISSUER_KEYS_MAX_AGE_MS) await this.#refresh(keys, urlOf);
      try {
        return await findKey(keys, header, token);
      } catch (error) {
        if (!(error instanceof errors.JWKSNoMatchingKey) || !this.#mayAsk(keys)) throw error;
        await this.#refresh(keys, urlOf);
        return await findKey(keys, header, token);
      }
    };
  }

  #keysOf(issuer: string): Keys {
    const known = this.#known.get(issuer);
    if (known) return known;
    const none = Number.NEGATIVE_INFINITY;
    const keys: Keys = { find: null, fetchedAt: none, askedAt: none, fetching: null };
    this.#known.set(issuer, keys);
    return keys;
  }

  #mayAsk({ askedAt, fetching }: Keys): boolean {
    return fetching !== null || this.#options.now() - askedAt >= ISSUER_KEYS_PAUSE_MS;
  }

  /** One fetch for all who wait for it. A request that began it and ended takes it along, so nobody waits without end. */
  async #refresh(keys: Keys, urlOf: () => Promise<string>): Promise<void> {
    if (!this.#mayAsk(keys)) throw new KeysUnavailable();
    if (keys.fetching === null) {
      keys.askedAt = this.#options.now();
      const fetching = this.#fetch(keys, urlOf).finally(() => {
        if (keys.fetching === fetching) keys.fetching = null;
      });
      keys.fetching = fetching;
    }
    const { fetching } = keys;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const tooLate = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => reject(new Error('no keys in time')), 2 * ISSUER_TIMEOUT_MS);
    });
    try {
      await Promise.race([fetching, tooLate]);
    } catch (error) {
      if (keys.fetching === fetching) keys.fetching = null;
      throw new KeysUnavailable('the issuer’s keys cannot be had', { cause: error });
    } finally {
      clearTimeout(timer);
    }
  }

  async #fetch(keys: Keys, urlOf: () => Promise<string>): Promise<void> {
    const response = await this.#options.fetch(await urlOf(), {
      headers: { accept: 'application/jwk-set+json, application/json' },
      redirect: 'manual',
      signal: AbortSignal.timeout(ISSUER_TIMEOUT_MS),
    });
    const text = await readBoundedText(response, ISSUER_ANSWER_MAX_BYTES);
    if (response.status !== 200) throw new Error(`it answered ${response.status}`);
    keys.find = createLocalJWKSet(JSON.parse(text) as JSONWebKeySet); // which checks that it is one
    keys.fetchedAt = this.#options.now();
  }
}

async function findKey({ find }: Keys, ...[header, token]: Parameters<JWTVerifyGetKey>) {
  if (!find) throw new KeysUnavailable();
  return await find(header, token);
}
