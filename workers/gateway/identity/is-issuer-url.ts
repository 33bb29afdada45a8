import ipaddr from 'ipaddr.js';

/**
 * If a text is a URL that an identity provider may have: HTTPS by a public name, without user, query or fragment
 * (OpenID Connect Discovery 1.0, section 3). `allowsInsecure`: also one of this machine.
 */
export function isIssuerUrl(text: string, allowsInsecure: boolean): boolean {
  const url = URL.parse(text);
  if (url === null || [url.username, url.password, url.search, url.hash].some((part) => part !== '')) return false;
  if (allowsInsecure && (url.protocol === 'http:' || url.protocol === 'https:')) return true;
  return url.protocol === 'https:' && url.port === '' && isPublicName(url.hostname);
}

function isPublicName(host: string): boolean {
  const name = host.replace(/\.$/, '');
  const isAddress = ipaddr.isValid(name) || name.startsWith('[');
  return !isAddress && name.includes('.') && !/\.(localhost|local|internal)$/.test(name);
}
