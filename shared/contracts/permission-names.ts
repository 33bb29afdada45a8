/** Every right that a member's role or an API key's scope can give. */
export const PERMISSIONS = [
  'orchestrate:invoke',
  'tasks:read',
  'tasks:write',
  'events:read',
  'usage:read',
  'keys:read',
  'keys:write',
  'providers:read',
  'providers:write',
  'policies:read',
  'policies:write',
  'members:read',
  'members:write',
  'audit:read',
  'billing:read',
  'billing:write',
  'tenants:write',
] as const;
/** Name of a right, `<resource>:<verb>`. */
export type Permission = (typeof PERMISSIONS)[number];
