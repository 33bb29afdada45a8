import { refusalOfUrl } from './public-url.ts';

/** A URL that `refusalOfUrl` refuses. Nothing was sent. */
export class UrlNotAllowed extends TypeError {
  override readonly name = 'UrlNotAllowed';
}

/**
 * `send` for URLs that a tenant may have set: each is checked right before it is called, and a redirect is answered and
 * never followed. Rejects with `UrlNotAllowed`.
 */
export function publicFetch(send: typeof fetch, allowsPrivate: boolean): typeof fetch {
  return (input, init) => {
    const refusal = refusalOfUrl(input instanceof Request ? input.url : String(input), allowsPrivate);
    if (refusal !== null) return Promise.reject(new UrlNotAllowed(`the URL ${refusal}`));
    return send(input, { ...init, redirect: 'manual' });
  };
}
