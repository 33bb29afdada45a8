import type { JWTVerifyGetKey } from 'jose';
import {
  type AuthorizationServer,
  allowInsecureRequests,
  customFetch,
  discoveryRequest,
  processDiscoveryResponse,
} from 'oauth4webapi';
import { ExpiringMap } from '../../../shared/platform/expiring-map.ts';
import { ISSUER_METADATA_MAX_AGE_MS, ISSUER_TIMEOUT_MS, MOST_ISSUERS } from '../constants.ts';
import { isIssuerUrl } from './is-issuer-url.ts';
import { IssuerKeys } from './issuer-keys.ts';

interface OpenIdIssuersOptions {
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>;
  now(): number;
  /** The platform's own issuer, whose keys are where the deployment says. One without TLS is a development's. */
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
  /** In development providers are on loopback, without TLS. */
  readonly allowsInsecure: boolean;

  constructor(options: OpenIdIssuersOptions) {
    this.#options = options;
    this.#keys = new IssuerKeys(options);
    this.#metadata = new ExpiringMap(MOST_ISSUERS, options.now);
    this.allowsInsecure = options.platform.issuer.startsWith('http:');
  }

  /** Throws when the provider is away, or is not the issuer that it is asked as. */
  async metadataOf(issuer: string): Promise<AuthorizationServer> {
    const known = this.#metadata.get(issuer, ISSUER_METADATA_MAX_AGE_MS);
    if (known) return known;
    if (!isIssuerUrl(issuer, this.allowsInsecure)) throw new Error('not the URL of an issuer');
    const url = new URL(issuer);
    const response = await discoveryRequest(url, { algorithm: 'oidc', ...this.requestOptions() });
    const metadata = await processDiscoveryResponse(url, response);
    this.#metadata.set(issuer, metadata);
    return metadata;
  }

  /** Looks up keys of an issuer; throws `KeysUnavailable`. */
  keysOf(issuer: string): JWTVerifyGetKey {
    const { platform } = this.#options;
    return this.#keys.of(issuer, async () => {
      if (issuer === platform.issuer) return platform.jwksUrl;
      const { jwks_uri: url = '' } = await this.metadataOf(issuer);
      if (!isIssuerUrl(url, this.allowsInsecure)) throw new Error('not the URL of keys');
      return url;
    });
  }

  /** How oauth4webapi is to send its requests. */
  requestOptions() {
    const options = this.#options;
    return {
      [customFetch]: (url: string, { body, ...init }: SentByLibrary) =>
        options.fetch(url, body === undefined ? init : { ...init, body }),
      [allowInsecureRequests]: this.allowsInsecure,
      signal: () => AbortSignal.timeout(ISSUER_TIMEOUT_MS),
    };
  }
}
