import * as z from 'zod';
import type { AppContext } from './app-context.ts';

/** Where a request comes from that did not pass Cloudflare: only this machine's can. */
const LOOPBACK = '127.0.0.1';

const address = z.union([z.ipv4(), z.ipv6()]);

/** The client's address as Cloudflare tells it; null when that is none. */
export function clientAddress(context: AppContext): string | null {
  const told = context.req.header('cf-connecting-ip');
  return told === undefined ? LOOPBACK : (address.safeParse(told).data ?? null);
}
