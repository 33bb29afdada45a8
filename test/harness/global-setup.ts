import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  export interface ProvidedContext {
    bindings: Record<string, string>;
  }
}

/**
 * Starts the services that the Workers tests talk to and provides their addresses as bindings. They run in a process of
 * their own: here packages resolve as for a Worker, where servers have none of their code.
 */
export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  const services = spawn(process.execPath, [join(import.meta.dirname, 'outside-services.ts')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = once(services, 'close');
  const [line] = await Promise.race([
    once(createInterface(services.stdout), 'line'),
    ended.then(() => Promise.reject(new Error('the outside services did not start'))),
  ]);
  project.provide('bindings', JSON.parse(line));
  return async () => {
    services.stdin.end();
    await ended;
  };
}
