import { createApp } from './app.ts';
import { createPorts } from './create-ports.ts';
import type { GatewayEnv } from './env.ts';
import type { GatewayPorts } from './ports.ts';

let ports: GatewayPorts | undefined;

const app = createApp((env) => {
  ports ??= createPorts(env);
  return ports;
});

/** The `gateway` script: the only public one. */
export default { fetch: app.fetch } satisfies ExportedHandler<GatewayEnv>;
