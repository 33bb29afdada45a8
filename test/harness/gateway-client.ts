import { exports } from 'cloudflare:workers';
import { expectMatchesContract } from './openapi-response.ts';

const BASE = 'https://gateway.test';

/** Sends a request to the gateway; every answer must be as openapi.json says. */
export async function call(method: string, path: string, init: RequestInit = {}): Promise<Response> {
  const response = await exports.default.fetch(`${BASE}${path}`, { method, ...init });
  await expectMatchesContract(response, method, new URL(path, BASE).pathname);
  return response;
}

/** `POST /v1/orchestrate` with a JSON body. */
export function orchestrate(headers: Record<string, string>, body: unknown): Promise<Response> {
  return call('POST', '/v1/orchestrate', { headers, body: typeof body === 'string' ? body : JSON.stringify(body) });
}
