import * as z from 'zod';
import { err, ok, type Result } from '../errors/result.ts';
import { readBoundedText } from './read-bounded-text.ts';

const TIMEOUT_MS = 3_000;
const ANSWER_MAX_BYTES = 64 * 1024;

/** Numbers of DNS (RFC 1035): the name is there, the name is not there, and a record of text. */
const NO_ERROR = 0;
const NO_SUCH_NAME = 3;
const TXT = 16;

const answer = z.object({
  Status: z.int(),
  Answer: z.array(z.object({ type: z.int(), data: z.string() })).nullish(),
});

/** The texts that TXT records of a name say: none where there is no such name. An error says that it cannot be known now. */
export type LookUpTxt = (name: string) => Promise<Result<readonly string[], string>>;

/**
 * Asks a resolver over HTTPS, in the JSON that Cloudflare’s and Google’s speak
 * (https://developers.cloudflare.com/1.1.1.1/encryption/dns-over-https/make-api-requests/dns-json/). Believes what it says:
 * it is the deployment's. Follows no redirect, retries nothing, and fails closed: an answer that is no clear yes or no is
 * an error.
 */
export function lookUpTxtAt(
  resolverUrl: string,
  send: (url: string, init: RequestInit) => Promise<Response>,
): LookUpTxt {
  return async (name) => {
    const url = new URL(resolverUrl);
    url.searchParams.set('name', name);
    url.searchParams.set('type', 'TXT');
    try {
      const response = await send(url.href, {
        headers: { accept: 'application/dns-json' },
        redirect: 'manual',
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      const text = await readBoundedText(response, ANSWER_MAX_BYTES);
      if (response.status !== 200) return err(`the resolver answered ${response.status}`);
      const { Status: status, Answer: records } = answer.parse(JSON.parse(text));
      if (status === NO_SUCH_NAME) return ok([]);
      if (status !== NO_ERROR) return err(`the resolver failed with ${status}`);
      return ok((records ?? []).filter(({ type }) => type === TXT).map(({ data }) => textOf(data)));
    } catch (error) {
      return err(error instanceof Error ? error.message : String(error));
    }
  };
}

/** A record's text is one or more strings in quotes, which belong together; some resolvers leave the quotes out. */
function textOf(data: string): string {
  if (!data.startsWith('"')) return data;
  const strings = [...data.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map(([, string = '']) => string);
  return strings.join('').replaceAll(/\\(.)/g, '$1');
}
