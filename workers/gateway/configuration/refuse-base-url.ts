import type { DomainError } from '../../../shared/errors/domain-error.ts';
import type { AppContext } from '../app-context.ts';
import { isIssuerUrl } from '../identity/is-issuer-url.ts';

const DETAIL = 'must be HTTPS, by a public name, without port, user, query or fragment';

/** What is wrong with where an account's credentials are to be sent; null: nothing. Does not resolve the name. */
export function refuseBaseUrl(context: AppContext, baseUrl: string | null): DomainError | null {
  const { allowsInsecure } = context.get('ports').issuers;
  if (baseUrl === null || isIssuerUrl(baseUrl, allowsInsecure)) return null;
  const errors = [{ pointer: '/baseUrl', detail: DETAIL }];
  return { code: 'bad_request', detail: `The request is not valid. /baseUrl: ${DETAIL}`, errors };
}
