import ipaddr from 'ipaddr.js';

/** Addresses with the same leading bits, in the family that they belong to. */
export type IpRange = readonly [address: ipaddr.IPv4 | ipaddr.IPv6, prefixLength: number];

/** IPv4 addresses written as IPv6 (RFC 4291, 2.5.5.2) have their 32 bits behind these. */
const MAPPED_PREFIX_LENGTH = 96;

/** Reads a CIDR range or a lone address; null when it is neither. */
export function readIpRange(text: string): IpRange | null {
  try {
    const [address, prefixLength] = text.includes('/') ? ipaddr.parseCIDR(text) : hostRange(ipaddr.parse(text));
    return isMapped(address) && prefixLength >= MAPPED_PREFIX_LENGTH
      ? [address.toIPv4Address(), prefixLength - MAPPED_PREFIX_LENGTH]
      : [address, prefixLength];
  } catch {
    return null; // how the parser says that it is none
  }
}

/** The range as CIDR in its one canonical form: its first address, shortened as RFC 5952 says. */
export function writeIpRange([address, prefixLength]: IpRange): string {
  const cidr = `${address.toString()}/${prefixLength}`;
  return address.kind() === 'ipv4'
    ? `${ipaddr.IPv4.networkAddressFromCIDR(cidr).toString()}/${prefixLength}`
    : `${ipaddr.IPv6.networkAddressFromCIDR(cidr).toRFC5952String()}/${prefixLength}`;
}

/** If every address of a range is in one of the others. An address is the range of itself. */
export function isWithin([address, prefixLength]: IpRange, ranges: readonly IpRange[]): boolean {
  return ranges.some(
    ([network, length]) =>
      network.kind() === address.kind() && length <= prefixLength && address.match([network, length]),
  );
}

function hostRange(address: ipaddr.IPv4 | ipaddr.IPv6): [ipaddr.IPv4 | ipaddr.IPv6, number] {
  return [address, address.toByteArray().length * 8];
}

function isMapped(address: ipaddr.IPv4 | ipaddr.IPv6): address is ipaddr.IPv6 {
  return address.kind() === 'ipv6' && 'isIPv4MappedAddress' in address && address.isIPv4MappedAddress();
}
