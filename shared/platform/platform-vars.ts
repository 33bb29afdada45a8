/** Vars that every script has; `JURISDICTION` is empty locally, where Durable Objects know none. */
export interface PlatformVars {
  readonly REGION: string;
  readonly JURISDICTION: string;
  readonly LOG_LEVEL: string;
  readonly NATIVE_TRACING: string;
}
