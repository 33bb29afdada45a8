/** How long a KMS may take to answer. */
export const KMS_TIMEOUT_MS = 3_000;

/** More than any answer of theirs to a key of 32 bytes. */
export const KMS_ANSWER_MAX_BYTES = 64 * 1024;

/** How long an isolate uses a tenant's unwrapped key: so long it opens after the KMS has denied it. */
export const TENANT_KEY_MAX_AGE_MS = 300_000;

/** How often an isolate uses it, so that one that is very busy asks again too. */
export const TENANT_KEY_MAX_USES = 100_000;

/** Tenant keys that an isolate remembers; the oldest leave first. */
export const CACHED_TENANT_KEYS = 5_000;

/** How long a refusal is repeated before the KMS is asked again: an outage is not made worse, and ends within a second. */
export const REFUSAL_MAX_AGE_MS = 1_000;

/** Refused openings that are alike are one entry of the audit log in so long, as openings are: a gateway keeps those as long. */
export const REFUSAL_TOLD_MS = 10_000;

/** Kinds of refused openings that an isolate remembers to have told of; the oldest leave first. */
export const TOLD_REFUSALS = 5_000;

/** How long one that waits for another's asking waits at most: the other may have ended. */
export const SHARED_ASKING_MS = 2 * KMS_TIMEOUT_MS;

/** Whose TenantGate keeps the key of what is no tenant's. No tenant has this id: theirs are of version 4 or 7. */
export const PLATFORM_ID = 'ffffffff-ffff-ffff-ffff-ffffffffffff';
