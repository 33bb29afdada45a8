/** Largest request body. */
export const BODY_MAX_BYTES = 4 * 1024 * 1024;

/** Deepest nesting of a JSON body. */
export const BODY_MAX_DEPTH = 32;

/** Most keys and array items together in a JSON body. */
export const BODY_MAX_ELEMENTS = 10_000;

/** How long an isolate trusts its copy of a tenant's configuration before it asks TenantGate for news. */
export const SNAPSHOT_MAX_AGE_MS = 5_000;

/** Least pause between two questions that an unknown key causes about the same tenant. */
export const SNAPSHOT_RECHECK_MS = 1_000;

/** Tenants, key hashes and opened credentials that an isolate remembers; the oldest leave first. */
export const CACHED_TENANTS = 500;
export const CACHED_KEY_HASHES = 5_000;
export const CACHED_CREDENTIALS = 500;

/** How long an opened credential stays in an isolate's memory. */
export const CREDENTIAL_MAX_AGE_MS = 10_000;

/** How long an isolate remembers that a tenant does not exist, so that made-up keys do not reach Postgres each time. */
export const UNKNOWN_TENANT_MAX_AGE_MS = 5_000;

/** The enforced output limit of a request that states none. */
export const DEFAULT_MAX_OUTPUT_TOKENS = 4_096;

/** Whole time that a provider has for its answer. */
export const PROVIDER_TIMEOUT_MS = 120_000;

/** How often a running call renews its hold: three times in a hold's life. */
export const HOLD_RENEWAL_MS = 3_000;

/** Suggested pause where a dependency is away. */
export const UNAVAILABLE_RETRY_MS = 2_000;

/** Tries, and pauses between them, to hand a settlement to TenantGate; after that the hold's expiry counts it. */
export const SETTLE_ATTEMPTS = 5;
export const SETTLE_RETRY_BASE_MS = 100;
export const SETTLE_RETRY_CAP_MS = 2_000;

/** How long a readiness probe waits for a dependency. */
export const PROBE_TIMEOUT_MS = 2_000;

/** A tenant that is never published: asking its TenantGate shows that Durable Objects answer, and stores nothing. */
export const PROBE_TENANT_ID = '00000000-0000-0000-0000-000000000000';
