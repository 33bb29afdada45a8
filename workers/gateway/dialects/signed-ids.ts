import { fromBase64, toBase64Url } from '../../../shared/crypto/bytes.ts';
import type { ToolCall } from '../../../shared/providers/contract.ts';

/** Between a call's id and its signature. Both sides of it are of the characters that every API allows in an id. */
const SEPARATOR = '__sig__';

const ENCODER = new TextEncoder();
const DECODER = new TextDecoder();

/**
 * A tool call's id with its signature in it. Other APIs have no field for a signature, and their clients hand back
 * nothing of a call but its id, name and arguments; a model that signs its calls refuses them without.
 */
export function signedId({ id, signature }: { readonly id: string; readonly signature?: string | undefined }): string {
  return signature === undefined ? id : `${id}${SEPARATOR}${toBase64Url(ENCODER.encode(signature))}`;
}

/** The id and the signature that `signedId` joined; an id of any other making is answered as it is. */
export function readSignedId(text: string): Pick<ToolCall, 'id' | 'signature'> {
  const start = text.lastIndexOf(SEPARATOR);
  const bytes = start === -1 ? null : fromBase64(text.slice(start + SEPARATOR.length));
  return bytes?.length ? { id: text.slice(0, start), signature: DECODER.decode(bytes) } : { id: text };
}
