/** When it makes sense to try again: never as it is, at any later time, or after a stated time. */
export type RetryAdvice = 'never' | 'later' | 'after';

/** Every public error: its status, its title, and if a retry makes sense. Codes are stable; clients branch on them. */
export const ERRORS = {
  bad_request: { status: 400, title: 'The request is not valid', retry: 'never' },
  invalid_json: { status: 400, title: 'The body is not valid JSON', retry: 'never' },
  body_too_complex: {
    status: 400,
    title: 'The body is nested too deep, or has too many parts or too long a text',
    retry: 'never',
  },
  tenant_header_missing: { status: 400, title: 'The X-Tenant-Id header is missing', retry: 'never' },
  tenant_header_invalid: { status: 400, title: 'The X-Tenant-Id header is not a UUID', retry: 'never' },
  model_not_found: { status: 400, title: 'No such model', retry: 'never' },
  routing_policy_not_found: { status: 400, title: 'No such routing policy', retry: 'never' },
  not_supported: { status: 400, title: 'Not supported', retry: 'never' },
  provider_rejected: { status: 400, title: 'The provider refused the request', retry: 'never' },
  sign_in_failed: { status: 400, title: 'The sign-in was not completed', retry: 'never' },
  unauthenticated: { status: 401, title: 'No valid credential', retry: 'never' },
  budget_exhausted: { status: 402, title: 'A budget does not cover this request', retry: 'never' },
  quota_exhausted: { status: 402, title: 'The plan’s quota for this month is used up', retry: 'never' },
  model_unpriced: { status: 402, title: 'A model without a price cannot run under a hard stop', retry: 'never' },
  stream_over_hold: { status: 402, title: 'The stream would have cost more than was held for it', retry: 'never' },
  member_limit_reached: { status: 402, title: 'The plan’s members are all taken', retry: 'never' },
  tenant_mismatch: { status: 403, title: 'The credential belongs to another tenant', retry: 'never' },
  environment_mismatch: { status: 403, title: 'The credential belongs to another environment', retry: 'never' },
  tenant_suspended: { status: 403, title: 'The tenant is suspended', retry: 'never' },
  address_not_allowed: { status: 403, title: 'The API key may not be used from this address', retry: 'never' },
  residency_refused: {
    status: 403,
    title: 'A data residency policy does not let the request go there',
    retry: 'never',
  },
  model_not_allowed: { status: 403, title: 'The API key may not call this model', retry: 'never' },
  tenant_limit_reached: { status: 403, title: 'You own as many tenants as a person may', retry: 'never' },
  cross_site_request: { status: 403, title: 'The request comes from another site', retry: 'never' },
  permission_denied: { status: 403, title: 'The credential lacks a permission', retry: 'never' },
  not_found: { status: 404, title: 'No such resource', retry: 'never' },
  method_not_allowed: { status: 405, title: 'The resource does not take this method', retry: 'never' },
  already_exists: { status: 409, title: 'The name is taken', retry: 'never' },
  conflict: { status: 409, title: 'The resource’s state does not allow it', retry: 'never' },
  domain_unproven: { status: 409, title: 'DNS does not prove the domain', retry: 'later' },
  last_owner: { status: 409, title: 'A tenant keeps at least one owner', retry: 'never' },
  idempotency_in_flight: { status: 409, title: 'The request with this key is running', retry: 'after' },
  idempotency_answer_lost: { status: 409, title: 'The answer to the request with this key is lost', retry: 'never' },
  precondition_failed: { status: 412, title: 'The resource was changed in the meantime', retry: 'never' },
  body_too_large: { status: 413, title: 'The body is too large', retry: 'never' },
  unsupported_media_type: { status: 415, title: 'The body has an unsupported media type', retry: 'never' },
  wrong_region: { status: 421, title: 'The tenant lives in another region', retry: 'never' },
  idempotency_key_reused: { status: 422, title: 'The key was used for another request', retry: 'never' },
  rate_limited: { status: 429, title: 'A rate limit is reached', retry: 'after' },
  concurrency_limited: { status: 429, title: 'As many requests run at once as may', retry: 'after' },
  provider_rate_limited: { status: 429, title: 'The provider limits this account', retry: 'after' },
  canceled: { status: 408, title: 'The request was canceled', retry: 'never' },
  internal_error: { status: 500, title: 'Something went wrong on our side', retry: 'later' },
  provider_auth_failed: { status: 502, title: 'The provider refused the account’s credentials', retry: 'never' },
  provider_stream_cut: { status: 502, title: 'The provider’s stream broke off', retry: 'later' },
  provider_failed: { status: 502, title: 'The provider failed', retry: 'later' },
  unavailable: { status: 503, title: 'Temporarily unavailable', retry: 'after' },
  provider_overloaded: { status: 503, title: 'The provider is overloaded', retry: 'after' },
  provider_timeout: { status: 504, title: 'The provider did not answer in time', retry: 'later' },
} as const satisfies Record<string, { status: number; title: string; retry: RetryAdvice }>;

export type ErrorCode = keyof typeof ERRORS;

/** What SCIM calls what is wrong with a request (RFC 7644, section 3.12). */
export type ScimType =
  | 'invalidFilter'
  | 'invalidPath'
  | 'invalidSyntax'
  | 'invalidValue'
  | 'mutability'
  | 'noTarget'
  | 'tooMany'
  | 'uniqueness';

/** One wrong field of a request, by JSON pointer (RFC 6901); a query parameter or header by its name. */
export interface FieldError {
  readonly pointer: string;
  readonly detail: string;
}

/**
 * The limit that refused a request, as it stood. Amounts are decimal strings: US dollars with up to twelve decimals for
 * `cost_usd`, integers otherwise. `held` is set aside for requests that run, `leased` for those that may come.
 */
export interface ProblemLimit {
  readonly limitId: string;
  readonly kind: 'budget' | 'quota' | 'rate_limit';
  readonly name: string;
  readonly unit: 'cost_usd' | 'requests' | 'tokens' | 'concurrent';
  readonly scope: {
    readonly environmentId?: string | undefined;
    readonly apiKeyId?: string | undefined;
    readonly provider?: string | undefined;
    readonly model?: string | undefined;
  };
  readonly cap: string;
  readonly spent: string;
  readonly held: string;
  readonly leased: string;
  readonly remaining: string;
  /** When its period ends (ISO 8601); null: never. */
  readonly resetsAt: string | null;
}

/** A failure that a client may see. `detail` is written for it: never a caught exception's message. */
export interface DomainError {
  readonly code: ErrorCode;
  readonly detail: string;
  readonly retryAfterMs?: number;
  /** Why a provider refused a request. */
  readonly rejection?: 'validation' | 'model-not-found' | 'context-too-long' | 'content-filtered';
  readonly errors?: readonly FieldError[];
  /** What SCIM's endpoints say of it. */
  readonly scimType?: ScimType;
  /** Which limit refused the request. */
  readonly limit?: ProblemLimit;
  readonly headers?: Readonly<Record<string, string>>;
}
