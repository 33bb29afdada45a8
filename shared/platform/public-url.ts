/** Names that lead nowhere on the public internet: RFC 6761, 6762, 8375, 9476, and what private networks are fond of. */
const PRIVATE_ENDINGS =
  /(?:^|\.)(?:localhost|localdomain|local|internal|intranet|private|corp|home|lan|alt|onion|arpa)$/;

/** How a parsed URL writes an IPv4 address, however it was spelt; an IPv6 address is in brackets (WHATWG URL, host parsing). */
const ADDRESS = /^(?:\[|[\d.]+$)/;

/**
 * Why this deployment may not call a URL that a tenant has set, in words for them; null: it may. Called when one is saved
 * and by `publicFetch` at each send, so that neither a row written otherwise nor an older rule gets past.
 *
 * The URL is judged as `fetch` will read it: parsed by the same parser, so that decimal, octal, hexadecimal, short and
 * full-width spellings are one address. A host must be a public name: addresses are refused, public ones too, because
 * Cloudflare refuses them to Workers anyway. `allowsPrivate` is a development's: any http(s) URL without credentials.
 *
 * Does not resolve the name, which a Worker cannot pin: see docs/compliance/threat-model.md for what that leaves.
 */
export function refusalOfUrl(text: string, allowsPrivate: boolean): string | null {
  const url = URL.parse(text);
  if (url === null) return 'must be a URL';
  if (url.username !== '' || url.password !== '') return 'must hold no user name and no password';
  if (allowsPrivate) return /^https?:$/.test(url.protocol) ? null : 'must be an http or https URL';
  if (url.protocol !== 'https:') return 'must be an https URL';
  return isPublicName(url.hostname) ? null : 'must name a host that is public on the internet';
}

/** The same of where deliveries are posted: such a URL may have a query, and no fragment, which nobody would be sent. */
export function refusalOfReceiver(text: string, allowsPrivate: boolean): string | null {
  return refusalOfUrl(text, allowsPrivate) ?? (new URL(text).hash === '' ? null : 'must have no fragment');
}

function isPublicName(host: string): boolean {
  const name = host.endsWith('.') ? host.slice(0, -1) : host;
  const labels = name.split('.');
  return labels.length > 1 && !labels.includes('') && !ADDRESS.test(name) && !PRIVATE_ENDINGS.test(name);
}
