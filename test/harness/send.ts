import type { Problem } from '../../shared/contracts/http/problem.ts';
import { call } from './gateway-client.ts';

type Headers = Readonly<Record<string, string>>;

/** Sends a request, with a JSON body when there is one; the answer must be as openapi.json says. */
export function send(headers: Headers, method: string, path: string, body?: unknown): Promise<Response> {
  return call(method, path, { headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
}

/** Sends what must succeed; answers its JSON. */
export async function done<T>(headers: Headers, method: string, path: string, body?: unknown): Promise<T> {
  const response = await send(headers, method, path, body);
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
  return response.status === 204 ? (null as T) : response.json<T>();
}

/** Sends what must be refused; answers the problem without what is every request's own. */
export async function refused(headers: Headers, method: string, path: string, body?: unknown) {
  const response = await send(headers, method, path, body);
  if (response.ok) throw new Error(`${method} ${path} was not refused: ${response.status}`);
  const { instance: _, ...problem } = await response.json<Problem>();
  return problem;
}
