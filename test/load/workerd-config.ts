/** One binding of a Worker, as far as the benchmark needs them. */
export type Binding =
  | { readonly name: string; readonly text: string }
  | { readonly name: string; readonly service: string; readonly entrypoint?: string | undefined }
  | { readonly name: string; readonly queue: string; readonly entrypoint?: string | undefined }
  | { readonly name: string; readonly className: string; readonly script: string };

/** One Worker of a workerd process. */
export interface WorkerScript {
  readonly name: string;
  /** Its one module, relative to the configuration file. */
  readonly module: string;
  readonly compatibilityDate: string;
  readonly compatibilityFlags: readonly string[];
  readonly bindings: readonly Binding[];
  /** Durable Object classes that it has, with SQLite storage. */
  readonly classes?: readonly string[];
  /** Workers that are told of its spans while they are open: https://developers.cloudflare.com/workers/observability/logs/tail-workers/ */
  readonly streamingTails?: readonly string[];
}

export interface WorkerdConfig {
  readonly scripts: readonly WorkerScript[];
  /** What answers HTTP on loopback, each at any free port. */
  readonly sockets: Readonly<Record<string, { readonly service: string; readonly entrypoint?: string }>>;
  /** Absolute path of the folder for Durable Objects' storage; needed by scripts that have classes. */
  readonly storage?: string;
}

const STORAGE = 'storage';

/** Writes a configuration for `workerd serve`: https://github.com/cloudflare/workerd/blob/main/src/workerd/server/workerd.capnp */
export function writeWorkerdConfig({ scripts, sockets, storage }: WorkerdConfig): string {
  const services = [
    ...scripts.map((script) => `(name = ${text(script.name)}, worker = ${worker(script)})`),
    '(name = "internet", network = (allow = ["public", "private"]))',
    ...(storage === undefined ? [] : [`(name = "${STORAGE}", disk = (path = ${text(storage)}, writable = true))`]),
  ];
  const listeners = Object.entries(sockets).map(
    ([name, entry]) => `(name = ${text(name)}, address = "127.0.0.1:0", http = (), service = ${designator(entry)})`,
  );
  return `using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [
    ${services.join(',\n    ')}
  ],
  sockets = [
    ${listeners.join(',\n    ')}
  ]
);
`;
}

function worker(script: WorkerScript): string {
  const { name, module, compatibilityDate, compatibilityFlags, bindings, classes = [], streamingTails = [] } = script;
  const objects = classes.map(
    (className) => `(className = ${text(className)}, uniqueKey = ${text(`${name}-${className}`)}, enableSql = true)`,
  );
  return `(
      modules = [(name = "main", esModule = embed ${text(module)})],
      compatibilityDate = ${text(compatibilityDate)},
      compatibilityFlags = [${compatibilityFlags.map(text).join(', ')}],
      bindings = [${bindings.map(binding).join(', ')}],
      streamingTails = [${streamingTails.map(text).join(', ')}]${
        objects.length === 0
          ? ''
          : `,
      durableObjectNamespaces = [${objects.join(', ')}],
      durableObjectStorage = (localDisk = "${STORAGE}")`
      }
    )`;
}

function binding(of: Binding): string {
  return `(name = ${text(of.name)}, ${value(of)})`;
}

function value(of: Binding): string {
  if ('text' in of) return `text = ${text(of.text)}`;
  if ('service' in of) return `service = ${designator(of)}`;
  if ('queue' in of) return `queue = ${designator({ service: of.queue, entrypoint: of.entrypoint })}`;
  return `durableObjectNamespace = (className = ${text(of.className)}, serviceName = ${text(of.script)})`;
}

function designator({ service, entrypoint }: { readonly service: string; readonly entrypoint?: string | undefined }) {
  return entrypoint === undefined ? text(service) : `(name = ${text(service)}, entrypoint = ${text(entrypoint)})`;
}

/** A text literal of Cap'n Proto's schema language, whose escapes are those of C. */
function text(content: string): string {
  const escaped = content.replace(/["\\]/g, '\\$&').replaceAll('\n', '\\n');
  return `"${escaped}"`;
}
