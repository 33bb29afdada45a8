/** Log levels, least to most severe. */
export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

const SEVERITIES: readonly string[] = LOG_LEVELS;

export type LogFields = Record<string, unknown>;

/** Writes structured events. Pass ids, counts and codes: never prompts, keys, headers, `env` or a `Request`. */
export interface Logger {
  debug(event: string, fields?: LogFields): void;
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  error(event: string, fields?: LogFields): void;
  /** A logger whose every line also has `fields`. */
  with(fields: LogFields): Logger;
}

interface LoggerOptions {
  readonly service: string;
  readonly level: string;
  readonly fields?: LogFields;
  readonly write?: (level: LogLevel, line: string) => void;
  readonly now?: () => number;
}

/** Shapes of secrets that must not be printed even when a message quotes them. */
const SECRETS = [
  /eufm_[a-z]+_[a-z]+_[0-9A-Za-z]+/g,
  /\bsk-[\w-]{8,}/g,
  /\bAIza[\w-]{20,}/g,
  /\bpplx-\w{8,}/g,
  /\beyJ[\w-]{8,}\.[\w-]+\.[\w-]*/g,
  /\bBearer\s+[\w.~+/=-]{8,}/gi,
  /\b(postgres(?:ql)?:\/\/[^:\s/]*):[^@\s]+@/g,
];

/** A logger that prints one JSON object per line to the console, with secrets of known shapes taken out. */
export function createLogger({
  service,
  level,
  fields = {},
  write = toConsole,
  now = Date.now,
}: LoggerOptions): Logger {
  const least = Math.max(0, SEVERITIES.indexOf(level));
  const log =
    (at: LogLevel) =>
    (event: string, more: LogFields = {}) => {
      if (SEVERITIES.indexOf(at) < least) return;
      const line = { time: new Date(now()).toISOString(), level: at, service, event, ...fields, ...more };
      write(at, redact(JSON.stringify(line, toLoggable)));
    };
  return {
    debug: log('debug'),
    info: log('info'),
    warn: log('warn'),
    error: log('error'),
    with: (more) => createLogger({ service, level, fields: { ...fields, ...more }, write, now }),
  };
}

/** What every one of them begins with: a line without any is most often written, and looked through once. */
const MARKS = /eufm_|\bsk-|AIza|pplx-|eyJ|bearer|:\/\//i;

/** Takes secrets of known shapes out of a text. */
export function redact(text: string): string {
  if (!MARKS.test(text)) return text;
  return SECRETS.reduce((rest, shape) => rest.replaceAll(shape, '[redacted]'), text);
}

function toLoggable(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString();
  if (!(value instanceof Error)) return value;
  const frames = value.stack?.split('\n').filter((line) => line.startsWith('    at '));
  return { name: value.name, message: messageOf(value), stack: frames?.join('\n'), cause: value.cause };
}

/**
 * An error's message without what it quotes of tenants' content, which belongs in no log: the query builder's errors give
 * a query's parameters behind it, and the JSON parser's quote the text that they could not read.
 */
function messageOf(error: Error): string {
  if (error instanceof SyntaxError) return 'malformed text';
  return error.message.split('\nparams:', 1)[0] ?? '';
}

/** The console is where a Worker's log goes; this is the one place that writes to it. */
function toConsole(level: LogLevel, line: string): void {
  console[level](line);
}
