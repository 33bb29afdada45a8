import { fillTenant } from './filled-tenant.ts';
import { mintTenant } from './mint-tenant.ts';
import { activeKey, draftPolicy } from './prepared-rows.ts';
import { EXAMPLES } from './route-examples.ts';
import { describedOperations, type Operation } from './route-probes.ts';
import type { JsonSchema } from './schema-arbitrary.ts';

/** An operation that takes a JSON body. */
export interface JsonOperation extends Operation {
  readonly schema: JsonSchema;
  /** A valid body. */
  readonly example: object;
}

/** Every operation of openapi.json that takes a JSON body. */
export const JSON_OPERATIONS: readonly JsonOperation[] = describedOperations().flatMap((operation) => {
  const { content } = operation.requestBody ?? {};
  const schema = (content?.['application/json'] ?? content?.['application/scim+json'])?.schema;
  const example = EXAMPLES[operation.operationId]?.body;
  if (schema === undefined) return [];
  if (example === undefined) throw new Error(`${operation.operationId} takes a body and has no example of one`);
  return [{ ...operation, schema: schema as JsonSchema, example }]; // whose keywords `validBy` holds to those it knows
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
  const tenant = await fillTenant(scopes);
  const { tenantId, owner, headers, scim } = tenant;
  if (path.startsWith('/v1/routing-policies/')) await draftPolicy(tenant);
  if (path.startsWith('/v1/api-keys/')) await activeKey(tenant);
  if (path.startsWith('/v1/scim/')) return { tenantId, headers: scim, path: path.replaceAll(/\{\w+\}/g, tenantId) };
  const isAnyEnvironments = path.startsWith('/v1/api-keys'); // a key makes and changes those of its own environment alone
  const takesKeys = !isAnyEnvironments && security?.some((scheme) => 'apiKey' in scheme);
  return { tenantId, headers: takesKeys ? headers : owner.in(tenantId), path: path.replaceAll(/\{\w+\}/g, tenantId) };
}
