import { createMiddleware } from 'hono/factory';
import { uuidv7 } from 'uuidv7';
import { continueTrace, toTraceparent } from '../../../shared/platform/trace-context.ts';
import type { AppTypes } from '../app-context.ts';
import type { GatewayEnv } from '../env.ts';
import type { GatewayPorts } from '../ports.ts';

/**
 * Gives every request its id, its place in a trace, its logger and the ports, and writes its one log line, unless the
 * answer is a stream: the pipeline writes that of a stream. Answers carry
 * `X-Request-Id` and `traceparent`, errors included.
 */
export function requestScope(portsFor: (env: GatewayEnv) => GatewayPorts) {
  return createMiddleware<AppTypes>(async (context, next) => {
    const ports = portsFor(context.env);
    const requestId = uuidv7();
    const trace = continueTrace(context.req.header('traceparent'), context.req.header('tracestate'));
    const startedAt = ports.now();
    context.set('ports', ports);
    context.set('requestId', requestId);
    context.set('startedAt', startedAt);
    context.set('trace', trace);
    context.set('logger', ports.logger.with({ requestId, traceId: trace.traceId }));
    context.set('logFields', { method: context.req.method, path: context.req.path });
    context.header('x-request-id', requestId);
    context.header('traceparent', toTraceparent(trace));
    if (trace.traceState) context.header('tracestate', trace.traceState);
    await next();
    if (isEventStream(context.res)) return; // its line is written when it has ended
    context.get('logger').info('request', {
      status: context.res.status,
      durationMs: ports.now() - startedAt,
      ...context.get('logFields'),
    });
  });
}

function isEventStream({ headers }: Response): boolean {
  return headers.get('content-type') === 'text/event-stream';
}
