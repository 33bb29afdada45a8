import type { VendorFault } from '../http/status-error.ts';
import { errorBody } from './schemas.ts';

/** Reads `{ error: { message, type } }`, or the first entry of `{ detail: [{ msg, type }] }`. */
export function readFault(body: unknown): VendorFault {
  const { data } = errorBody.safeParse(body);
  if (!data) return {};
  if ('error' in data) return { message: data.error.message, code: data.error.type };
  const [{ msg, type }] = data.detail;
  return { message: msg, code: type };
}
