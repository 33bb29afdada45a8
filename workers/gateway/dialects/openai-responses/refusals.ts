import type { DomainError } from '../../../../shared/errors/domain-error.ts';
import { refuseFields } from '../refuse-fields.ts';

/** One field of the body is wrong. */
export function invalid(pointer: string, detail: string): DomainError {
  return refuseFields([{ pointer, detail }]);
}

/** A field asks for what an earlier request would have had to leave behind. `instead` is what to do without it. */
export function needsStore(pointer: string, instead = 'send the whole input'): DomainError {
  const detail = `nothing is stored here: ${instead}`;
  return { code: 'not_supported', detail: `${pointer}: ${detail}.`, errors: [{ pointer, detail }] };
}
