import { KMS_ANSWER_MAX_BYTES, KMS_TIMEOUT_MS } from '../constants.ts';

/** What a KMS answered: `body` is its JSON, or null when it was none. */
export interface KmsAnswer {
  readonly status: number;
  readonly body: unknown;
}

/** Asks a KMS once, over HTTPS. Null: it did not answer in time, or not in a form that can be read. */
export async function askKms(
  fetch: typeof globalThis.fetch,
  url: string,
  init: { readonly headers: Readonly<Record<string, string>>; readonly body: string },
): Promise<KmsAnswer | null> {
  try {
    const signal = AbortSignal.timeout(KMS_TIMEOUT_MS);
    const response = await fetch(url, { ...init, method: 'POST', redirect: 'manual', signal });
    const text = await response.text();
    if (text.length > KMS_ANSWER_MAX_BYTES) return null;
    return { status: response.status, body: parseJson(text) };
  } catch {
    return null;
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
