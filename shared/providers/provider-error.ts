/** Which move makes sense after a failure. */
export type RetryAdvice = 'same-provider' | 'other-provider' | 'never';

/** Whether the vendor may charge for the failed call: then it is billed at its estimate. */
export type FailureBilling = 'not-billed' | 'maybe-billed';

export type ProviderErrorKind =
  | 'retryable'
  | 'rate-limited'
  | 'overloaded'
  | 'auth'
  | 'validation'
  | 'model-not-found'
  | 'context-too-long'
  | 'content-filtered'
  | 'timeout'
  | 'canceled'
  | 'upstream-cut'
  | 'bad-response';

/** What is known of a failure beyond its kind. */
export interface ProviderErrorOptions {
  readonly status?: number | undefined;
  readonly retryAfterMs?: number | undefined;
  readonly vendorMessage?: string | undefined;
  readonly billing?: FailureBilling;
  readonly cause?: unknown;
}

const ADVICE: Record<ProviderErrorKind, RetryAdvice> = {
  retryable: 'same-provider',
  'rate-limited': 'other-provider',
  overloaded: 'other-provider',
  auth: 'other-provider',
  validation: 'never',
  'model-not-found': 'other-provider',
  'context-too-long': 'other-provider',
  'content-filtered': 'never',
  timeout: 'other-provider',
  canceled: 'never',
  'upstream-cut': 'same-provider',
  'bad-response': 'same-provider',
};

/**
 * A failed attempt at a provider. `message` names vendor, status and the vendor's error code, never its prose, so it
 * can be logged. `vendorMessage` is the vendor's own sentence about a request that it refused, for the tenant that sent
 * it; it can quote the prompt, so it is not for logs.
 */
export class ProviderError extends Error {
  readonly kind: ProviderErrorKind;
  readonly status: number | undefined;
  readonly retryAfterMs: number | undefined;
  readonly billing: FailureBilling;
  readonly vendorMessage: string | undefined;

  /** Of the class that belongs to the kind, where there is one. */
  static of(kind: ProviderErrorKind, message: string, options?: ProviderErrorOptions): ProviderError {
    return new (CLASS_BY_KIND[kind] ?? ProviderError)(kind, message, options);
  }

  protected constructor(kind: ProviderErrorKind, message: string, options: ProviderErrorOptions = {}) {
    super(message, { cause: options.cause });
    this.name = 'ProviderError';
    this.kind = kind;
    this.status = options.status;
    this.retryAfterMs = options.retryAfterMs;
    this.billing = options.billing ?? 'not-billed';
    this.vendorMessage = options.vendorMessage;
  }

  get retry(): RetryAdvice {
    return ADVICE[this.kind];
  }
}

/** The attempt failed by chance: the same provider may well answer the next one. */
export class Retryable extends ProviderError {}

/** The account's limit is reached; `retryAfterMs` says for how long, where the vendor does. */
export class RateLimited extends ProviderError {}

/** The vendor refuses the account: its key, its permissions or its balance. */
export class AuthError extends ProviderError {}

/** The vendor refuses the request as it is, as any other would. */
export class ValidationError extends ProviderError {}

const CLASS_BY_KIND: { readonly [Kind in ProviderErrorKind]?: typeof ProviderError } = {
  retryable: Retryable,
  'rate-limited': RateLimited,
  auth: AuthError,
  validation: ValidationError,
};
