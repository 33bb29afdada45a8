import type * as z from 'zod';
import { fromBase64, toBase64Url } from '../../shared/crypto/bytes.ts';

/** A place in a list as an opaque text. */
export function writeCursor(place: readonly (string | number)[]): string {
  return toBase64Url(new TextEncoder().encode(JSON.stringify(place)));
}

/** The place that `writeCursor` wrote, or null when the text is none of this form. */
export function readCursor<Place extends z.ZodType>(text: string, form: Place): z.infer<Place> | null {
  const bytes = fromBase64(text);
  if (!bytes) return null;
  try {
    const read = form.safeParse(JSON.parse(new TextDecoder().decode(bytes)));
    return read.success ? read.data : null;
  } catch {
    return null;
  }
}
