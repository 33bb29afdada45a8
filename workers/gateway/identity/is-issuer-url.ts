import { refusalOfUrl } from '../../../shared/platform/public-url.ts';

/**
 * If a text is a URL that an identity provider may have: HTTPS by a public name, without user, query or fragment
 * (OpenID Connect Discovery 1.0, section 3). `allowsPrivate`: also one of this machine, with a port.
 */
export function isIssuerUrl(text: string, allowsPrivate: boolean): boolean {
  if (refusalOfUrl(text, allowsPrivate) !== null) return false;
  const { port, search, hash } = new URL(text);
  return search === '' && hash === '' && (allowsPrivate || port === '');
}
