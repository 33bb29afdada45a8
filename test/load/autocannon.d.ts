/** The part of autocannon (https://github.com/mcollina/autocannon#api) that is used here; it ships no types. */
declare module 'autocannon' {
  import type { EventEmitter } from 'node:events';

  interface Options {
    readonly url: string;
    readonly method: 'POST';
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string;
    readonly connections: number;
    /** Requests a second of all connections. */
    readonly overallRate: number;
    /** Requests in all, in place of a duration: every one that was begun is awaited. */
    readonly amount: number;
    /** Seconds. */
    readonly timeout: number;
    /** Milliseconds between the looks at whether it is over. */
    readonly sampleInt: number;
    readonly verifyBody: (body: string) => boolean;
  }

  /** Emits `response` with client, status, bytes and milliseconds. Its result is not used. */
  type Instance = EventEmitter & PromiseLike<unknown>;

  const autocannon: (options: Options) => Instance;
  export = autocannon;
}
