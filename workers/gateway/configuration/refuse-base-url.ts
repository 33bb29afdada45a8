import type { DomainError } from '../../../shared/errors/domain-error.ts';
import { refusalOfUrl } from '../../../shared/platform/public-url.ts';
import type { AppContext } from '../app-context.ts';

/**
 * What is wrong with where an account's credentials are to be sent; null: nothing. It is asked again before each call. Does
 * not resolve the name.
 */
export function refuseBaseUrl(context: AppContext, baseUrl: string | null): DomainError | null {
  const refusal = baseUrl === null ? null : refusalOf(baseUrl, context.get('ports').settings.allowsPrivateUpstreams);
  if (refusal === null) return null;
  const errors = [{ pointer: '/baseUrl', detail: refusal }];
  return { code: 'bad_request', detail: `The request is not valid. /baseUrl: ${refusal}`, errors };
}

function refusalOf(baseUrl: string, allowsPrivate: boolean): string | null {
  const refusal = refusalOfUrl(baseUrl, allowsPrivate);
  if (refusal !== null) return refusal;
  const { search, hash } = new URL(baseUrl);
  return search === '' && hash === '' ? null : 'must have neither a query nor a fragment';
}
