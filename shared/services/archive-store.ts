/** Object storage for archives. Fails closed: what could not be stored throws, and its rows stay where they are. */
export interface ArchiveStore {
  /** Stores a text under a key, over what is there. `sha256` (hexadecimal) is checked by the store. */
  put(key: string, text: string, sha256: string): Promise<void>;
  /** Null: there is nothing under the key. */
  get(key: string): Promise<string | null>;
}
