import type { TypedResponse } from 'hono';

/** A response that a typed handler may return beside its JSON successes: an error, or a stream. */
export type UntypedResponse = Response & TypedResponse<never, never, never>;

/** The type markers exist at compile time only; `never` fits every handler's declared successes. */
export function asUntyped(response: Response): UntypedResponse {
  return response as UntypedResponse;
}
