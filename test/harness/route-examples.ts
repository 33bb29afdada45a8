import { testEnv } from './mint-tenant.ts';
import type { Example } from './route-probes.ts';

const CHAT = { model: 'openai/gpt-4o-mini', messages: [{ role: 'user', content: 'hello' }] };
const MODEL = { provider: 'openai', model: 'gpt-4o-mini' };
const ROLE = { name: 'probe', description: 'A role', permissions: ['usage:read'] };
const SCIM_PATCH = {
  schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
  Operations: [{ op: 'replace', path: 'displayName', value: 'probe' }],
};
const NOBODYS = '00000000-0000-4000-8000-0000000000ff';

/** What a valid request of each operation needs that openapi.json does not say. A new operation with a body needs one. */
export const EXAMPLES: Readonly<Record<string, Example>> = {
  orchestrate: { body: { input: 'hello' } },
  createTask: { body: { input: 'hello' } },
  readEvents: { query: 'follow=false' },
  createTaskBatch: { body: { tasks: [{ input: 'hello' }] } },
  rotateWebhookSigningSecret: { body: {} },
  createChatCompletion: { body: CHAT },
  createCompletion: { body: { model: CHAT.model, prompt: 'hello' } },
  createEmbedding: { body: { model: 'openai/text-embedding-3-small', input: 'hello' } },
  createResponse: { body: { model: CHAT.model, input: 'hello' } },
  createMessage: { body: { ...CHAT, max_tokens: 5 } },
  countTokens: { body: CHAT },
  getModel: { path: { model: 'gpt-4o-mini' } },
  createBudget: { body: { name: 'probe', amountUsd: '1', period: 'month' } },
  updateBudget: { body: { hardStop: true } },
  createRateLimit: { body: { maxRequests: 1_000_000 } },
  updateRateLimit: { body: { maxRequests: 1_000_000 } },
  createRoutingPolicy: { body: { name: 'probe', strategy: { candidates: [MODEL] } } },
  updateRoutingPolicy: { body: { enabled: true } },
  publishRoutingPolicy: { body: {} },
  simulateRoutingPolicy: { body: { request: { input: 'hello' } } },
  createResidencyPolicy: { body: { region: 'us', enforced: false } },
  updateResidencyPolicy: { body: { enforced: false } },
  createApiKey: { body: { name: 'probe' } },
  updateApiKey: { body: { name: 'probe' } },
  rotateApiKey: { body: {} },
  createEnvironment: { body: { name: 'probe', type: 'dev' } },
  updateEnvironment: { body: { name: 'probe' } },
  createIdentityProvider: { body: { name: 'probe', issuer: testEnv.TENANT_ISSUER, clientId: 'probe' } },
  updateIdentityProvider: { body: { name: 'probe' } },
  createScimToken: { body: { name: 'probe' } },
  mapScimGroup: { body: { roleId: null } },
  createScimUser: { body: { userName: 'probe' } },
  replaceScimUser: { body: { userName: 'probe' } },
  patchScimUser: { body: SCIM_PATCH },
  createScimGroup: { body: { displayName: 'probe' } },
  replaceScimGroup: { body: { displayName: 'probe' } },
  patchScimGroup: { body: SCIM_PATCH },
  addDomain: { body: { name: 'probe.example' } },
  updateDomain: { body: { defaultRoleId: null } },
  createProviderAccount: { body: { provider: 'openai', accountLabel: 'probe', credentials: { apiKey: 'sk-probe' } } },
  updateProviderAccount: { body: { accountLabel: 'probe' } },
  rotateProviderCredentials: { body: { credentials: { apiKey: 'sk-probe' } } },
  createSecret: { body: { name: 'probe', value: 'a secret' } },
  updateSecret: { body: { value: 'a secret' } },
  createAuditLogDestination: { body: { kind: 'webhook', name: 'probe', url: 'https://probe.example/checkpoints' } },
  createRole: { body: ROLE },
  updateRole: { body: { description: 'A role' } },
  updateMember: { body: { roleIds: [NOBODYS] } },
  createInvitation: { body: { email: 'probe@example.test', roleIds: [NOBODYS] } },
  acceptInvitation: { body: { token: 'eufm_invitation_x' } },
  createTenant: { body: { name: 'Probe' } },
  updateTenant: { body: { name: 'Probe' } },
  checkPermissions: { query: 'permission=usage:read' },
  getStatement: { query: 'month=2026-10' },
};
