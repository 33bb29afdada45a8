import type { CallOptions, VerifyOptions } from '../contract.ts';
import { apiUrl } from '../http/api-url.ts';
import { ProviderError } from '../provider-error.ts';
import { BASE_URL } from './constants.ts';

interface Endpoint {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * Where a method of a model is called and with which credential. An account with an access token is one of Vertex AI:
 * its base URL names regional host, project and location, such as
 * `https://europe-west4-aiplatform.googleapis.com/v1/projects/acme/locations/europe-west4`.
 */
export function modelEndpoint({ model, ...options }: CallOptions, method: string): Endpoint {
  const path = `/models/${encodeURIComponent(model)}:${method}`;
  return endpoint(options, path, `/publishers/google${path}`);
}

/** What an account can list for nothing: models, or on Vertex AI, which lists none, the project's endpoints. */
export function listingEndpoint(options: VerifyOptions): Endpoint {
  return endpoint(options, '/models?pageSize=1', '/endpoints?pageSize=1');
}

function endpoint({ baseUrl, credentials }: VerifyOptions, path: string, vertexPath: string): Endpoint {
  const { apiKey, accessToken } = credentials;
  if (accessToken === undefined) {
    return { url: apiUrl(baseUrl ?? BASE_URL, path, 'v1beta'), headers: { 'x-goog-api-key': apiKey } };
  }
  const [, host, location] = /^(.*?)\/(projects\/[^/]+\/locations\/[^/]+)\/*$/.exec(baseUrl ?? '') ?? [];
  if (host === undefined) throw ProviderError.of('auth', 'google: the base URL names no project and location');
  const url = apiUrl(host, `/${location}${vertexPath}`, 'v1');
  return { url, headers: { authorization: `Bearer ${accessToken}` } };
}
