import { ignored } from '../../../../shared/providers/convert/warn-unsupported.ts';

/** What reading a request finds to tell its client, each thing once. See `ReadRequest`. */
export class Notes {
  readonly unsaid = new Set<string>();
  readonly unsent = new Set<string>();
  readonly warnings = new Set<string>();

  /** Notes what only a provider that speaks this API gets. Nothing where the request does not say it. */
  unsay(thing: string, value: unknown): void {
    if (value != null) this.unsaid.add(ignored(thing));
  }

  /** Notes the one cache mark for all of them. */
  unsayCache({ cache_control: mark }: { readonly cache_control?: object | null | undefined }): void {
    this.unsay('cache_control', mark);
  }
}
