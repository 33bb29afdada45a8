/**
 * Operations that call a provider: what they do is billed, and commits nowhere together with a key. Each runs at most once
 * for a key: after a run that was never heard of again the answer says so, and names the request.
 */
export const AT_MOST_ONCE: ReadonlySet<string> = new Set([
  'orchestrate',
  'createChatCompletion',
  'createCompletion',
  'createEmbedding',
  'createResponse',
  'createMessage',
]);

/**
 * If a request calls a provider, rather than makes a change that commits with its key: one that is `async` makes a task,
 * which is kept once under the key's own id.
 */
export function callsProvider(operationId: string, body: unknown): boolean {
  const isAsync = typeof body === 'object' && body !== null && 'async' in body && body.async === true;
  return AT_MOST_ONCE.has(operationId) && !(operationId === 'orchestrate' && isAsync);
}

/** Operations that take no key though they are no GET, each with the reason. */
export const WITHOUT_KEY: ReadonlyMap<string, string> = new Map([
  ['countTokens', 'reads: it creates nothing, and costs nothing'],
  ['simulateRoutingPolicy', 'reads: nothing is called, and nothing kept'],
  ['testProviderAccount', 'reads: it asks the provider for a list, which costs nothing'],
  ['logout', 'ends a session, which no repetition ends again'],
  ['backchannelLogout', 'comes from identity providers, whose tokens are taken once by their own id'],
]);

/** If requests of an operation can be sent with a key. */
export function takesKey({ method, operationId }: { method: string; operationId?: string | undefined }): boolean {
  return method !== 'get' && operationId !== undefined && !WITHOUT_KEY.has(operationId);
}
