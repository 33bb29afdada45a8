import type { ScimErrorBody } from '../../../shared/contracts/http/scim/messages.ts';
import { ERROR_SCHEMA } from '../../../shared/contracts/http/scim/schemas.ts';
import { ERRORS, type ErrorCode, type ScimType } from '../../../shared/errors/domain-error.ts';
import type { WriteError } from '../dialects/dialect.ts';

/** Statuses where SCIM's clients expect others than ours. */
const STATUSES: { readonly [Code in ErrorCode]?: number } = { member_limit_reached: 403 };

const TYPES: { readonly [Code in ErrorCode]?: ScimType } = {
  already_exists: 'uniqueness',
  bad_request: 'invalidValue',
  body_too_complex: 'tooMany',
  invalid_json: 'invalidSyntax',
};

/** An error as SCIM has it (RFC 7644, section 3.12). */
export const writeScimError: WriteError = ({ code, detail, scimType = TYPES[code] }) => {
  const status = STATUSES[code] ?? ERRORS[code].status;
  const body: ScimErrorBody = {
    ...{ schemas: [ERROR_SCHEMA], status: String(status), detail },
    ...(scimType && { scimType }),
  };
  return { status, body, contentType: 'application/scim+json' };
};
