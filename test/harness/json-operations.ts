import { fillTenant } from './filled-tenant.ts';
import { mintTenant } from './mint-tenant.ts';
import { EXAMPLES } from './route-examples.ts';
import { describedOperations, type Operation } from './route-probes.ts';

/** An operation that takes a JSON body. */
export interface JsonOperation extends Operation {
  /** A valid body. */
  readonly example: object;
}

/** Every operation of openapi.json that takes a JSON body. */
export const JSON_OPERATIONS: readonly JsonOperation[] = describedOperations().flatMap((operation) => {
  const example = EXAMPLES[operation.operationId]?.body;
  if (operation.requestBody?.content['application/json']?.schema === undefined) return [];
  if (example === undefined) throw new Error(`${operation.operationId} takes a body and has no example of one`);
  return [{ ...operation, example }];
});

/** Where a body is sent so that the route's own work is done on it. */
export interface Destination {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly tenantId: string;
}

/**
 * A tenant for an operation, whose every row has the tenant's id; or where requests reach a provider, one without limits.
 * It is asked with a key, which costs no query, unless only people may ask.
 */
export async function destinationOf(operation: JsonOperation, scopes: readonly string[]): Promise<Destination> {
  const { path, security } = operation;
  if (path === '/v1/orchestrate' || 'model' in operation.example) return { ...(await mintTenant({ scopes })), path };
  const { tenantId, owner, headers, scim } = await fillTenant(scopes);
  if (path.startsWith('/v1/scim/')) return { tenantId, headers: scim, path: path.replaceAll(/\{\w+\}/g, tenantId) };
  const takesKeys = security?.some((scheme) => 'apiKey' in scheme);
  return { tenantId, headers: takesKeys ? headers : owner.headers, path: path.replaceAll(/\{\w+\}/g, tenantId) };
}
