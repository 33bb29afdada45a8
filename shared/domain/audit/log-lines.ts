/** What a line of an exported log can be. Fields are in the order in which they are written. */
export type LogLine =
  | {
      /** The first line. Entries before `first` were rolled off; `edge` has what is left of their tree (`nodesOf([0, first])`), base64. */
      readonly kind: 'log';
      readonly version: 1;
      readonly origin: string;
      readonly first: number;
      readonly edge: readonly string[];
    }
  /** `entry` is the text whose UTF-8 bytes are the leaf; `hash` is the leaf's, base64. */
  | { readonly kind: 'entry'; readonly seq: number; readonly hash: string; readonly entry: string }
  /** Behind the last entry that it covers. The last line is one. */
  | { readonly kind: 'checkpoint'; readonly note: string }
  /** The export broke off. */
  | { readonly kind: 'error'; readonly detail: string };

/** An entry with the proof that a signed checkpoint covers it. */
export interface EntryProof {
  readonly kind: 'proof';
  readonly version: 1;
  readonly origin: string;
  readonly seq: number;
  readonly hash: string;
  readonly entry: string;
  /** Hashes from the leaf up (RFC 9162, section 2.1.3), base64. */
  readonly proof: readonly string[];
  readonly note: string;
}
