/** 2,048 texts, the most that OpenAI takes, in 1,536 dimensions of some 14 characters, and room to spare. */
export const MAX_EMBEDDINGS_BYTES = 64 * 1024 * 1024;

/** What a schema is called whose sender does not name it. */
export const DEFAULT_SCHEMA_NAME = 'response';

/** What an inline file is called whose sender does not name it. */
export const DEFAULT_FILE_NAME = 'file';

/**
 * What `providerOptions` may not set, as `mergeProviderOptions` names it: the request's own fields, and what would take
 * its cost out of its bound (several answers, an answer in audio, a dearer tier of service).
 */
export const RESERVED_OPTIONS: readonly string[] = [
  ...['model', 'messages', 'maxtokens', 'maxcompletiontokens', 'stream', 'streamoptions'],
  ...['audio', 'bestof', 'modalities', 'n', 'servicetier'],
];
