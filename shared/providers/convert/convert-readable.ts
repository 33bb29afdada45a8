import { ProviderError } from '../provider-error.ts';

/**
 * The parts of what a user says in a vendor's form, as `convert` has them; it names what it leaves out in the warnings
 * that it is given. Throws a `ProviderError` of kind `validation` where nothing is left: vendors refuse an empty message
 * too, but do not say what it lacks.
 */
export function convertReadable<Part, Converted>(
  parts: readonly Part[],
  warnings: Set<string>,
  convert: (part: Part, warnings: Set<string>) => readonly Converted[],
): Converted[] {
  const lost = new Set<string>();
  const converted = parts.flatMap((part) => convert(part, lost));
  for (const warning of lost) warnings.add(warning);
  if (converted.length > 0) return converted;
  const message = 'a message has nothing in it that the provider can read';
  throw ProviderError.of('validation', message, {
    vendorMessage: [message, [...lost].join('; ')].filter(Boolean).join(': '),
  });
}
