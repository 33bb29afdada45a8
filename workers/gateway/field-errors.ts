import type * as z from 'zod';
import type { FieldError } from '../../shared/errors/domain-error.ts';
import { toPointer } from './json-pointer.ts';

type Issue = z.core.$ZodIssue;

/** Names every wrong field of a request by JSON pointer. Where several forms were possible, the closest one counts. */
export function toFieldErrors(issues: readonly Issue[], base: readonly PropertyKey[] = []): FieldError[] {
  return issues.flatMap((issue) => {
    const path = [...base, ...issue.path];
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => ({ pointer: toPointer([...path, key]), detail: 'unknown field' }));
    }
    if (issue.code === 'invalid_union') {
      const closest = closestForm(issue.errors);
      if (closest) return toFieldErrors(closest, path);
    }
    return [{ pointer: toPointer(path), detail: issue.message }];
  });
}

/** The form with the fewest complaints: the one that the client seems to have meant. Null when none was begun. */
function closestForm(forms: readonly (readonly Issue[])[]): readonly Issue[] | null {
  const begun = forms.filter((issues) =>
    issues.every((issue) => issue.path.length > 0 || issue.code === 'unrecognized_keys' || issue.code === 'too_small'),
  );
  return begun.toSorted((one, other) => one.length - other.length)[0] ?? null;
}
