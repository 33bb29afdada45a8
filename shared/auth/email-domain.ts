/** Where a domain's TXT record stands. */
export const CHALLENGE_LABEL = '_eufm-challenge';

/** A name is at most 253 characters long (RFC 1035), and the record's must be one, too. */
const NAME_MAX_LENGTH = 253 - `${CHALLENGE_LABEL}.`.length;

const LABEL = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?';
const NAME = new RegExp(`^(?:${LABEL}\\.)+${LABEL}$`);

/**
 * A domain as it stands in DNS: ASCII (IDNA, as browsers map names), lower case, without the root's dot. Null for what is
 * none that addresses could have: a single label, an IP address, a URL. Does not say that it exists, nor whose it is.
 */
export function toDomainName(text: string): string | null {
  const trimmed = text.trim().replace(/\.$/, '');
  if (trimmed === '' || /[\s/\\:@?#%[\]]/.test(trimmed)) return null;
  const name = URL.parse(`http://${trimmed}`)?.hostname;
  if (name === undefined || name.length > NAME_MAX_LENGTH || !NAME.test(name)) return null;
  const isAddress = /\.\d+$/.test(name); // no top-level domain is a number
  return isAddress ? null : name;
}

/** The domain of an e-mail address, as it stands in DNS; null when it has none. */
export function domainOfEmail(email: string): string | null {
  const at = email.lastIndexOf('@');
  return at < 1 ? null : toDomainName(email.slice(at + 1));
}
