import type { JWTVerifyGetKey } from 'jose';
import {
  type AuthorizationServer,
  allowInsecureRequests,
  customFetch,
  discoveryRequest,
  processDiscoveryResponse,
} from 'oauth4webapi';
import { ExpiringMap } from '../../../shared/platform/expiring-map.ts';
import { readBoundedText } from '../../../shared/platform/read-bounded-text.ts';
import { ISSUER_ANSWER_MAX_BYTES, ISSUER_METADATA_MAX_AGE_MS, ISSUER_TIMEOUT_MS, MOST_ISSUERS } from '../constants.ts';
import { isIssuerUrl } from './is-issuer-url.ts';
import { IssuerKeys } from './issuer-keys.ts';

interface OpenIdIssuersOptions {
  /** `publicFetch`: what a provider says of itself names the URLs that are called next. */
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>;
  now(): number;
  /** A development's providers are on loopback, without TLS. */
  readonly allowsPrivate: boolean;
  /** The platform's own issuer, whose keys are where the deployment says. */
  readonly platform: { readonly issuer: string; readonly jwksUrl: string };
}

/** What oauth4webapi gives to `fetch`. */
interface SentByLibrary {
  readonly body?: BodyInit | undefined;
  readonly headers: Record<string, string>;
  readonly method: string;
  readonly redirect: 'manual';
  readonly signal?: AbortSignal;
}

/** What identity providers say of themselves (OpenID Connect Discovery 1.0), and their keys. Follows no redirect. */
export class OpenIdIssuers {
  readonly #options: OpenIdIssuersOptions;
  readonly #keys: IssuerKeys;
  readonly #metadata: ExpiringMap<string, AuthorizationServer>;

  constructor(options: OpenIdIssuersOptions) {
    this.#options = options;
    this.#keys = new IssuerKeys(options);
    this.#metadata = new ExpiringMap(MOST_ISSUERS, options.now);
  }

  /** Throws when the provider is away, or is not the issuer that it is asked as. */
  async metadataOf(issuer: string): Promise<AuthorizationServer> {
    const known = this.#metadata.get(issuer, ISSUER_METADATA_MAX_AGE_MS);
    if (known) return known;
    if (!isIssuerUrl(issuer, this.#options.allowsPrivate)) throw new Error('not the URL of an issuer');
    const url = new URL(issuer);
    const response = await discoveryRequest(url, { algorithm: 'oidc', ...this.requestOptions() });
    const metadata = await processDiscoveryResponse(url, response);
    this.#metadata.set(issuer, metadata);
    return metadata;
  }

  /** Looks up keys of an issuer; throws `KeysUnavailable`. */
  keysOf(issuer: string): JWTVerifyGetKey {
    const { platform, allowsPrivate } = this.#options;
    return this.#keys.of(issuer, async () => {
      if (issuer === platform.issuer) return platform.jwksUrl;
      const { jwks_uri: url = '' } = await this.metadataOf(issuer);
      if (!isIssuerUrl(url, allowsPrivate)) throw new Error('not the URL of keys');
      return url;
    });
  }

  /** How oauth4webapi is to send its requests. */
  requestOptions() {
    const options = this.#options;
    return {
      [customFetch]: async (url: string, { body, ...init }: SentByLibrary) =>
        await readWhole(await options.fetch(url, body === undefined ? init : { ...init, body })),
      [allowInsecureRequests]: options.allowsPrivate,
      signal: () => AbortSignal.timeout(ISSUER_TIMEOUT_MS),
    };
  }
}

/** The library reads an answer to its end, however long that is: an issuer is whoever a tenant says it is. */
async function readWhole(response: Response): Promise<Response> {
  const text = await readBoundedText(response, ISSUER_ANSWER_MAX_BYTES);
  const { status, headers } = response;
  const whole = new Response(text === '' ? null : text, { status, headers });
  whole.headers.delete('content-encoding');
  return whole;
}
