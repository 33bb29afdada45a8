import type { CallOptions } from '../contract.ts';
import { apiUrl } from '../http/api-url.ts';
import { ProviderError } from '../provider-error.ts';
import { BASE_URL } from './constants.ts';

/**
 * Where a method of a model is called and with which credential. An account with an access token is one of Vertex AI:
 * its base URL names regional host, project and location, such as
 * `https://europe-west4-aiplatform.googleapis.com/v1/projects/acme/locations/europe-west4`.
 */
export function modelEndpoint(
  { baseUrl, model, credentials }: CallOptions,
  method: string,
): { readonly url: string; readonly headers: Readonly<Record<string, string>> } {
  const { apiKey, accessToken } = credentials;
  const path = `/models/${encodeURIComponent(model)}:${method}`;
  if (accessToken === undefined) {
    return { url: apiUrl(baseUrl ?? BASE_URL, path, 'v1beta'), headers: { 'x-goog-api-key': apiKey } };
  }
  const [, host, location] = /^(.*?)\/(projects\/[^/]+\/locations\/[^/]+)\/*$/.exec(baseUrl ?? '') ?? [];
  if (host === undefined) throw ProviderError.of('auth', 'google: the base URL names no project and location');
  const url = apiUrl(host, `/${location}/publishers/google${path}`, 'v1');
  return { url, headers: { authorization: `Bearer ${accessToken}` } };
}
