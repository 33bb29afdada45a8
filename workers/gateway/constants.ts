/** Largest request body: room for some images. */
export const BODY_MAX_BYTES = 10 * 1024 * 1024;

/** Deepest nesting of a JSON body. */
export const BODY_MAX_DEPTH = 32;

/** Most keys and array items together in a JSON body. */
export const BODY_MAX_ELEMENTS = 10_000;

/**
 * Longest string in a JSON body. Base64, as images and files are sent, may be as long as the body: no tokenizer and no
 * search ever reads it. A longer text goes in several parts.
 */
export const BODY_MAX_TEXT_LENGTH = 1024 * 1024;

/** How long an isolate trusts its copy of a tenant's configuration before it asks TenantGate for news. */
export const SNAPSHOT_MAX_AGE_MS = 5_000;

/** The same where a hold follows, which TenantGate grants by the configuration in force. */
export const SNAPSHOT_BEFORE_HOLD_MAX_AGE_MS = 3_600_000;

/** Least pause between two questions that an unknown key causes about the same tenant. */
export const SNAPSHOT_RECHECK_MS = 1_000;

/** Tenants, keys and opened credentials that an isolate remembers; the oldest leave first. */
export const CACHED_TENANTS = 500;
export const CACHED_KEYS = 5_000;
export const CACHED_CREDENTIALS = 500;

/**
 * Least pause between two times that an isolate writes when keys were last used. Who writes has waited for it behind an
 * answer, which Cloudflare allows for 30 seconds. https://developers.cloudflare.com/workers/runtime-apis/context/#waituntil
 */
export const KEY_USES_PAUSE_MS = 25_000;

/** Least wait before a write: so it begins behind the answer, and has what is used at the same time. */
export const KEY_USES_GATHER_MS = 1_000;

/** After how long a request that was to write them is taken for lost. */
export const KEY_USES_LOST_MS = 40_000;

/** How long a provider may take to answer the test of an account: people wait for it. */
export const CONNECTION_TEST_TIMEOUT_MS = 10_000;

/**
 * How long a first refusal waits for others like it before it is told of, and the least pause between two times that those of
 * one kind are: what tells waits behind an answer, for which there are 30 seconds.
 */
export const DENIALS_GATHER_MS = 500;
export const DENIALS_PAUSE_MS = 25_000;

/**
 * Kinds of refusals of a tenant that wait apart, some for each route that there is, and kinds of which an isolate remembers
 * that they were told.
 */
export const DENIALS_MOST_PER_TENANT = 500;
export const DENIALS_REMEMBERED = 5_000;

/** How long an opened credential stays in an isolate's memory. */
export const CREDENTIAL_MAX_AGE_MS = 10_000;

/** How long a request waits for a configuration that another one reads; then it is refused, and the next reads anew. */
export const SHARED_LOAD_MS = 5_000;

/** How long an isolate remembers that a tenant does not exist, so that made-up keys do not reach Postgres each time. */
export const UNKNOWN_TENANT_MAX_AGE_MS = 5_000;

/** The enforced output limit of a request that states none. */
export const DEFAULT_MAX_OUTPUT_TOKENS = 4_096;

/** Whole time that a provider has for an answer that comes at once, and for one that it streams. */
export const PROVIDER_TIMEOUT_MS = 120_000;
export const STREAM_TIMEOUT_MS = 600_000;

/** How long a provider may be silent within a stream. */
export const STREAM_IDLE_MS = 60_000;

/** How often a running call renews its hold: three times in a hold's life. */
export const HOLD_RENEWAL_MS = 3_000;

/** Suggested pause where a dependency is away. */
export const UNAVAILABLE_RETRY_MS = 2_000;

/**
 * How long what ended may wait for more of its tenant, to be told to TenantGate in one call: of a busy one longer, though
 * well within the time that its lease is sized for (`SIZE_IN_PACES`). And the most that waits.
 */
export const SETTLE_GATHER_MS = 75;
export const BUSY_SETTLE_GATHER_MS = 120;
export const MOST_GATHERED = 500;

/** Tries, and pauses between them, of a call to TenantGate; what it had to tell is told again with the next request. */
export const SYNC_ATTEMPTS = 5;
export const SYNC_RETRY_BASE_MS = 100;
export const SYNC_RETRY_CAP_MS = 2_000;

/** Tries of a request at its hold, and pauses between them, before it is refused as unavailable. */
export const HOLD_ATTEMPTS = 3;
export const HOLD_RETRY_BASE_MS = 20;
export const HOLD_RETRY_CAP_MS = 100;

/** After how long a call that one request makes for all is taken for lost with that request. */
export const CALL_LOST_MS = 15_000;

/** Requests in a tenth of a second from which on a tenant's lease is for more than the request that asks. */
export const BUSY_REQUESTS = 4;

/** How long an isolate may admit requests by what TenantGate said last: so long a revoked key can live on. */
export const LEASE_FRESH_MS = 2_500;

/** How often a lease is renewed while requests run: at least three times in its life. */
export const LEASE_RENEWAL_MS = 2_500;

/** After how long without a call a lease for requests to come is given back: longer than two spans of a pace. */
export const QUIET_MS = 300;

/** How often a request that waits for others to end looks if there is room. */
export const QUEUE_RETRY_MS = 20;

/** Sessions with tenants that an isolate keeps; idle ones leave first. */
export const CACHED_SESSIONS = 1_000;

/**
 * Age from which on a session takes no request more. The ids of its requests begin with the time of its beginning, and the
 * ledger expects a request's id to be of its own day or of the one before.
 */
export const SESSION_MAX_AGE_MS = 3_600_000;

/** Kinds of request (by environment, key, provider and model) whose limits an isolate remembers for each tenant. */
export const CACHED_SUBJECTS = 1_000;

/** How long a readiness probe waits for a dependency. */
export const PROBE_TIMEOUT_MS = 2_000;

/** A tenant that is never published: asking its TenantGate shows that Durable Objects answer, and stores nothing. */
export const PROBE_TENANT_ID = '00000000-0000-0000-0000-000000000000';

/**
 * How long a request with an Idempotency-Key counts as running without a word from it: what calls a provider may wait for
 * room, and then has two minutes (`PROVIDER_TIMEOUT_MS`); a change is made within seconds.
 */
export const PROVIDER_LEASE_MS = 240_000;
export const CHANGE_LEASE_MS = 60_000;

/** How often a stream tells that it goes on. */
export const CLAIM_RENEWAL_MS = 60_000;

/** Suggested pause while the request with the same key runs. */
export const IN_FLIGHT_RETRY_MS = 1_000;

/** Longest answer that is kept for its key: what waits in memory for the end of a stream. */
export const ANSWER_MAX_BYTES = 8 * 1024 * 1024;

/** Tries at one provider, and the pauses between them, before the client sees anything. */
export const PROVIDER_ATTEMPTS = 3;
export const PROVIDER_RETRY_BASE_MS = 200;
export const PROVIDER_RETRY_CAP_MS = 2_000;

/** Retry budgets that an isolate remembers, by provider account. */
export const CACHED_RETRY_BUDGETS = 1_000;

/** How often the copy of a stream that goes through natively is read for the meter, and the most of one read. */
export const COPY_PACE_MS = 100;
export const COPY_BUFFER_BYTES = 64 * 1024;

/**
 * Longest answer, in tokens, that goes through natively. Its copy is read at the meter's pace and not at the client's, so
 * for a client that reads slowly the rest of the answer waits in memory: at some 250 bytes a token, a megabyte of this one.
 */
export const NATIVE_MAX_OUTPUT_TOKENS = 4_096;

/** How long the copy may take to tell the end of a stream whose client has left, before the upstream call is ended. */
export const LEAVING_GRACE_MS = 250;

/**
 * How long an event may wait for others, when the one before it has only just been written. Half a frame of a screen, so
 * nobody sees it; most models write slower than that, and what comes faster goes out in fewer writes.
 */
export const GATHER_MS = 8;

/** Most text, in characters, that waits for a client before its provider has to. */
export const MOST_WAITING_LENGTH = 64 * 1024;

/** Silence after which a stream is kept alive by a comment. */
export const KEEP_ALIVE_MS = 10_000;

/** How long a client may take no byte of a stream before it counts as gone. */
export const STREAM_STALL_MS = 60_000;

/** No tokenizer makes longer tokens of an answer on the whole: beyond this, an output limit was not kept. */
export const MAX_CHARACTERS_PER_TOKEN = 16;

/** What a picture of about a megapixel counts as where tokens are estimated. https://platform.claude.com/docs/en/build-with-claude/vision */
export const ESTIMATED_IMAGE_TOKENS = 1_600;

/**
 * What a file that is no text counts as: three pages of a PDF, of which each is up to 3,000 tokens. How many it really
 * has is not looked at. https://platform.claude.com/docs/en/build-with-claude/pdf-support#estimate-your-costs
 */
export const ESTIMATED_FILE_TOKENS = 9_000;

/** What frames one message, likewise. */
export const ESTIMATED_MESSAGE_TOKENS = 4;

/** How old the keys of an issuer may be, and the least pause between two times that they are asked for. */
export const ISSUER_KEYS_MAX_AGE_MS = 600_000;
export const ISSUER_KEYS_PAUSE_MS = 30_000;

/** How long an isolate remembers what an identity provider says of itself, and where a tenant's identity providers are. */
export const ISSUER_METADATA_MAX_AGE_MS = 600_000;
export const IDENTITY_PROVIDERS_MAX_AGE_MS = 5_000;

/** How long an identity provider has for an answer, how much of one is read, and issuers that an isolate remembers. */
export const ISSUER_TIMEOUT_MS = 5_000;
export const ISSUER_ANSWER_MAX_BYTES = 256 * 1024;
export const MOST_ISSUERS = 1_000;

/** How long a person has to sign in at their identity provider. */
export const SIGN_IN_MAX_AGE_MS = 600_000;

/** How long a request waits for another one that is about to have the answer, before it calls a provider itself. */
export const CACHE_WAIT_MS = 30_000;
