import type { Fixture } from '../fixtures.ts';
import type { Scenario } from '../scenarios.ts';

/** What a vendor's own client needs for a call. */
export interface SdkContext {
  readonly origin: string;
  readonly model: string;
  readonly fetch: typeof fetch;
}

/** What a client reads of an answer, in the terms in which adapters are compared with it. */
export interface SdkReading {
  readonly text?: string;
  /** Arguments as values: some clients have no text of them. */
  readonly toolCalls?: readonly { readonly name: string; readonly arguments: unknown }[];
  readonly embeddings?: readonly (readonly number[])[];
  readonly usage?: { readonly inputTokens?: number; readonly outputTokens?: number };
}

/** A vendor's own client: what our adapters are held against. */
export interface Sdk {
  /** Makes the call of a scenario, in the vendor's own words. */
  call(scenario: Scenario, way: 'generate' | 'stream', context: SdkContext): Promise<unknown>;
  /** Reads an answer of the operation; rejects where it is an error. */
  read(operation: Fixture['operation'], context: SdkContext): Promise<SdkReading>;
}
