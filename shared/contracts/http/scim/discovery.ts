import { z } from '@hono/zod-openapi';

const feature = z.object({ supported: z.boolean() });

/** What of SCIM is offered (RFC 7643, section 5). */
export const serviceProviderConfig = z
  .object({
    schemas: z.array(z.string()),
    documentationUri: z.string(),
    patch: feature,
    bulk: feature.extend({ maxOperations: z.int(), maxPayloadSize: z.int() }),
    filter: feature.extend({ maxResults: z.int() }),
    changePassword: feature,
    sort: feature,
    etag: feature,
    authenticationSchemes: z.array(
      z.object({ type: z.string(), name: z.string(), description: z.string(), primary: z.boolean() }),
    ),
    meta: z.object({ resourceType: z.string(), location: z.string() }),
  })
  .openapi('ScimServiceProviderConfig');

/** A kind of resource (RFC 7643, section 6). */
export const resourceType = z
  .object({
    schemas: z.array(z.string()),
    id: z.string(),
    name: z.string(),
    endpoint: z.string(),
    description: z.string(),
    schema: z.string(),
    schemaExtensions: z.array(z.object({ schema: z.string(), required: z.boolean() })).optional(),
    meta: z.object({ resourceType: z.string(), location: z.string() }),
  })
  .openapi('ScimResourceType');

/** The attributes of a kind of resource (RFC 7643, section 7). */
export const schemaDescription = z
  .object({
    schemas: z.array(z.string()),
    id: z.string(),
    name: z.string(),
    description: z.string(),
    attributes: z.array(z.record(z.string(), z.unknown())),
    meta: z.object({ resourceType: z.string(), location: z.string() }),
  })
  .openapi('ScimSchema');
