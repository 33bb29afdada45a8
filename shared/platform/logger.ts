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
  /eufm_invitation_[\w-]+/g,
  /\bwhsec_[\w+/=-]{8,}/g,
  /\bsk-[\w-]{8,}/g,
  /\bAIza[\w-]{20,}/g,
  /\bpplx-\w{8,}/g,
  /\beyJ[\w-]{8,}\.[\w-]+\.[\w-]*/g,
  /\bBearer\s+[\w.~+/=-]{8,}/gi,
  /\b(postgres(?:ql)?:\/\/[^:\s/]*):[^@\s]+@/g,
];

/** A logger that prints one JSON object per line to the console, with secrets of known shapes taken out. */
export function createLogger(options: LoggerOptions): Logger {
  const { service, level, fields = {}, write = toConsole, now = Date.now } = options;
  return new JsonLogger({ service, least: Math.max(0, SEVERITIES.indexOf(level)), write, now }, fields);
}

/** What all loggers of a service have in common. */
interface Output extends Required<Pick<LoggerOptions, 'service' | 'write' | 'now'>> {
  /** Index of the least severe level that is written. */
  readonly least: number;
}

class JsonLogger implements Logger {
  readonly #output: Output;
  readonly #fields: LogFields;
  readonly #parent: JsonLogger | null;

  constructor(output: Output, fields: LogFields, parent: JsonLogger | null = null) {
    this.#output = output;
    this.#fields = fields;
    this.#parent = parent;
  }

  debug(event: string, fields?: LogFields): void {
    this.#log('debug', event, fields);
  }

  info(event: string, fields?: LogFields): void {
    this.#log('info', event, fields);
  }

  warn(event: string, fields?: LogFields): void {
    this.#log('warn', event, fields);
  }

  error(event: string, fields?: LogFields): void {
    this.#log('error', event, fields);
  }

  with(fields: LogFields): Logger {
    return new JsonLogger(this.#output, fields, this);
  }

  #log(level: LogLevel, event: string, fields?: LogFields): void {
    const { service, least, write, now } = this.#output;
    if (SEVERITIES.indexOf(level) < least) return;
    const line: LogFields = { time: new Date(now()).toISOString(), level, service, event };
    this.#addTo(line);
    if (fields) addFields(line, fields);
    write(level, redact(isPlain(line) ? JSON.stringify(line) : JSON.stringify(line, toLoggable)));
  }

  /** The fields of this logger and of those that it came from, which nearly all end without having written a line. */
  #addTo(line: LogFields): void {
    if (this.#parent) this.#parent.#addTo(line);
    addFields(line, this.#fields);
  }
}

/** Money is written as text here, since it is in nearly every line: none of those then needs a replacer. */
function addFields(line: LogFields, fields: LogFields): void {
  for (const name of Object.keys(fields)) {
    const value = fields[name];
    line[name] = typeof value === 'bigint' ? value.toString() : value;
  }
}

/** What every one of them begins with: a line without any is most often written, and looked through once. */
const MARKS = /eufm_|whsec_|\bsk-|AIza|pplx-|eyJ|bearer|:\/\//i;

/** Takes secrets of known shapes out of a text. */
export function redact(text: string): string {
  if (!MARKS.test(text)) return text;
  return SECRETS.reduce((rest, shape) => rest.replaceAll(shape, '[redacted]'), text);
}

/** If a value is one as JSON knows them. Looking first is cheaper than a replacer, which is asked of every one. */
function isPlain(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return typeof value !== 'bigint';
  return !(value instanceof Error) && Object.values(value).every(isPlain);
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
