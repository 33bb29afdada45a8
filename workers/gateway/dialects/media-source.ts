import type { MediaSource } from '../../../shared/providers/contract.ts';

type InlineSource = Extract<MediaSource, { kind: 'base64' }>;
type RemoteSource = Extract<MediaSource, { kind: 'url' }>;

/** The head of a `data:` URL in base64 (RFC 2397). Parameters of the media type are passed over. */
const DATA_URL = /^data:([^;,]+)(?:;[^;,]*)*;base64,/i;

/** Longest head that is looked for: a URL can have megabytes. */
const DATA_URL_HEAD_MAX_LENGTH = 256;

const BASE64 = /^[\d+/A-Za-z]+={0,2}$/;

/** Media types that clients write though there are none, which vendors refuse, by those that are meant. */
const MEANT_TYPES: ReadonlyMap<string, string> = new Map([['image/jpg', 'image/jpeg']]);

/** Bytes as base64 (RFC 4648, section 4, padded); null when it is none. */
export function readBase64(mediaType: string, data: string): InlineSource | null {
  return data.length % 4 === 0 && BASE64.test(data) ? { kind: 'base64', mediaType, data } : null;
}

/** A `data:` URL in base64 as a source; null when it is none. */
export function readDataUrl(url: string): InlineSource | null {
  const head = DATA_URL.exec(url.slice(0, DATA_URL_HEAD_MAX_LENGTH));
  const mediaType = head?.[1]?.toLowerCase();
  if (!head || mediaType === undefined) return null;
  return readBase64(MEANT_TYPES.get(mediaType) ?? mediaType, url.slice(head[0].length));
}

/** A file's bytes, bare or as a `data:` URL. Bare ones are taken for a PDF, the one document that all vendors read. */
export function readFileData(data: string): InlineSource | null {
  return data.startsWith('data:') ? readDataUrl(data) : readBase64('application/pdf', data);
}

/** An address that a vendor can fetch from; null when it is none. */
export function readHttpsUrl(url: string): RemoteSource | null {
  return url.startsWith('https://') && URL.canParse(url) ? { kind: 'url', url } : null;
}
