import type { AuditLogDestinationInput } from '../../../shared/contracts/http/audit-log-destinations.ts';
import type { DomainError } from '../../../shared/errors/domain-error.ts';
import { refusalOfUrl } from '../../../shared/platform/public-url.ts';
import type { AppContext } from '../app-context.ts';

/**
 * What is wrong with where an account's credentials are to be sent; null: nothing. It is asked again before each call. Does
 * not resolve the name.
 */
export function refuseBaseUrl(context: AppContext, baseUrl: string | null): DomainError | null {
  return baseUrl === null ? null : refuseUrl(context, '/baseUrl', baseUrl, { takesQuery: false });
}

/** The same of where checkpoints are to be delivered. What is put into a bucket has a path of its own. */
export function refuseDeliveryUrl(context: AppContext, { kind, url }: AuditLogDestinationInput): DomainError | null {
  return refuseUrl(context, '/url', url, { takesQuery: kind === 'webhook' });
}

function refuseUrl(
  context: AppContext,
  pointer: string,
  url: string,
  { takesQuery }: { readonly takesQuery: boolean },
): DomainError | null {
  const { allowsPrivateUpstreams } = context.get('ports').settings;
  const detail = refusalOfUrl(url, allowsPrivateUpstreams) ?? refusalOfParts(new URL(url), takesQuery);
  if (detail === null) return null;
  return {
    code: 'bad_request',
    detail: `The request is not valid. ${pointer}: ${detail}`,
    errors: [{ pointer, detail }],
  };
}

function refusalOfParts({ search, hash }: URL, takesQuery: boolean): string | null {
  if (hash === '' && (takesQuery || search === '')) return null;
  return takesQuery ? 'must have no fragment' : 'must have neither a query nor a fragment';
}
