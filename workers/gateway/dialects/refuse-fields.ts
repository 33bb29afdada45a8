import type { DomainError, FieldError } from '../../../shared/errors/domain-error.ts';

/** Refuses a request for fields that its schema lets pass and the platform cannot take. */
export function refuseFields(errors: readonly FieldError[]): DomainError {
  const names = errors.map(({ pointer, detail }) => `${pointer}: ${detail}`).join('; ');
  return { code: 'bad_request', detail: `The request is not valid. ${names}`, errors };
}
