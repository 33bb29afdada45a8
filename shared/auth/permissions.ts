import { PERMISSIONS, type Permission } from '../contracts/permission-names.ts';

export { PERMISSIONS, type Permission };

/** What a right lets its holder do, for people. */
export const PERMISSION_DESCRIPTIONS: Readonly<Record<Permission, string>> = {
  'orchestrate:invoke': 'Send requests to models',
  'tasks:read': 'See tasks and their results',
  'tasks:write': 'Create and cancel tasks',
  'events:read': 'Subscribe to events',
  'usage:read': 'See usage and cost',
  'keys:read': 'List API keys',
  'keys:write': 'Create and revoke API keys',
  'providers:read': 'List provider accounts',
  'providers:write': 'Connect, test, change and remove provider accounts; keep and remove secrets',
  'policies:read': 'See routing policies, rate limits and budgets',
  'policies:write': 'Change routing policies, rate limits and budgets',
  'members:read': 'List members and their roles',
  'members:write': 'Invite members and change their roles',
  'audit:read': 'Read the audit log',
  'billing:read': 'See invoices and the subscription',
  'billing:write': 'Change the subscription and payment details',
  'tenants:write': 'Change the tenant and its environments',
};

interface Role {
  readonly description: string;
  readonly permissions: readonly Permission[];
}

const READ_OPERATIONS = ['tasks:read', 'events:read', 'usage:read', 'providers:read', 'policies:read'] as const;

/** Built-in roles: they exist once, for every tenant, and none can change them. */
export const ROLES = {
  owner: { description: 'Everything, billing included', permissions: PERMISSIONS },
  admin: {
    description: 'Everything but the subscription',
    permissions: PERMISSIONS.filter((permission) => permission !== 'billing:write'),
  },
  developer: {
    description: 'Builds on the API: requests, tasks and keys',
    permissions: [...READ_OPERATIONS, 'orchestrate:invoke', 'tasks:write', 'keys:read', 'keys:write'],
  },
  analyst: { description: 'Reads usage, tasks and policies', permissions: READ_OPERATIONS },
  billing: { description: 'Manages the subscription', permissions: ['usage:read', 'billing:read', 'billing:write'] },
  auditor: {
    description: 'Reads the audit log and who holds which rights',
    permissions: ['audit:read', 'keys:read', 'members:read', 'policies:read', 'providers:read', 'usage:read'],
  },
  viewer: { description: 'Sees tasks and usage', permissions: ['tasks:read', 'usage:read'] },
} as const satisfies Readonly<Record<string, Role>>;
