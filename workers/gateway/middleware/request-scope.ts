import { createMiddleware } from 'hono/factory';
import { continueTrace } from '../../../shared/platform/trace-context.ts';
import { answerHeaders } from '../answer-headers.ts';
import type { AppTypes } from '../app-context.ts';
import { noteDenial } from '../audit/note-denial.ts';
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
    const requestId = crypto.randomUUID();
    const trace = continueTrace(context.req.header('traceparent'), context.req.header('tracestate'));
    const startedAt = ports.now();
    context.set('ports', ports);
    context.set('requestId', requestId);
    context.set('startedAt', startedAt);
    context.set('trace', trace);
    context.set('logger', ports.logger.with({ requestId, traceId: trace.traceId }));
    context.set('logFields', { method: context.req.method, path: context.req.path });
    await next();
    noteDenial(context);
    if (!context.get('hasHeaders')) addHeaders(context.res.headers, answerHeaders(context));
    for (const cookie of context.get('cookies') ?? []) context.res.headers.append('set-cookie', cookie);
    if (context.get('isStreamed')) return; // its line is written when it has ended
    context.get('logger').info('request', {
      status: context.res.status,
      durationMs: ports.now() - startedAt,
      ...context.get('logFields'),
    });
  });
}

function addHeaders(headers: Headers, more: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(more)) if (!headers.has(name)) headers.set(name, value);
}
