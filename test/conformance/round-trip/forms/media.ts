import type { Media } from '../conversation.ts';

/** What a `data:` URL in base64 holds, or the URL itself. */
export function readUrl(url: string): Media {
  const [head, data] = url.split(';base64,');
  return head?.startsWith('data:') && data !== undefined ? { bytes: data, type: head.slice('data:'.length) } : { url };
}
