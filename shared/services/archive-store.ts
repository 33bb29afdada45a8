/** Object storage for archives. Fails closed: what could not be stored throws, and its rows stay where they are. */
export interface ArchiveStore {
  /** Stores a text under a key, over what is there. `sha256` (hexadecimal) is checked by the store. */
  put(key: string, text: string, sha256: string): Promise<void>;
  /** Null: there is nothing under the key. */
  get(key: string): Promise<string | null>;
}

export async function sha256Of(text: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
