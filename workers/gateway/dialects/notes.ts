import type { FieldError } from '../../../shared/errors/domain-error.ts';
import { ignored } from '../../../shared/providers/convert/warn-unsupported.ts';

/** What reading a request finds to tell its client, each thing once. See `SpokenRequest`. */
export class Notes {
  readonly unsaid = new Set<string>();
  readonly unsent = new Set<string>();
  readonly warnings = new Set<string>();
  /** Any of them refuses the request. */
  readonly faults: FieldError[] = [];

  /** Notes what only a provider that speaks this API gets. Nothing where the request does not say it. */
  unsay(thing: string, value: unknown): void {
    if (value != null) this.unsaid.add(ignored(thing));
  }
}
