import { describe, expect, it } from 'vitest';
import type { OrchestrateRequest } from '../../../shared/contracts/http/orchestrate.ts';
import type { RequestRecorded } from '../../../shared/contracts/queues.ts';
import type { SnapshotResidencyPolicy } from '../../../shared/contracts/residency.ts';
import type { TenantSnapshot } from '../../../shared/contracts/tenant-snapshot.ts';
import type { DomainError } from '../../../shared/errors/domain-error.ts';
import { pipelinePlay } from '../../../test/harness/pipeline-play.ts';
import { account, offer, POLICY_ID, policyWith, routingTenant } from '../../../test/harness/routing-tenant.ts';
import { seededRandom } from '../../../test/harness/seeded-random.ts';
import { countTokens } from './count-tokens.ts';
import { runRequest } from './run-request.ts';

const REQUESTS = 400;
const CONTENT = 'Frau Lehmann, geboren 1962, Befund positiv';
const ALLOWED = ['eu.api.openai.com', 'api.eu.mistral.ai', 'llm.acme.example'];

const LUNA = { provider: 'openai', model: 'gpt-6-luna' } as const;
const OPUS = { provider: 'anthropic', model: 'claude-opus-5' } as const;
const SMALL = { provider: 'mistral', model: 'mistral-small-2603' } as const;
const GEMINI = { provider: 'google', model: 'gemini-2.5-pro' } as const;
const SONAR = { provider: 'perplexity', model: 'sonar' } as const;
const OWN = { provider: 'openai-compatible', model: 'own' } as const;
const MODELS = [LUNA, OPUS, SMALL, GEMINI, SONAR, OWN];

const EU: SnapshotResidencyPolicy = {
  ...{ id: '01990000-0000-7000-8000-0000000000e1', region: 'eu', enforced: true, minimumGuarantee: 'declared' },
};

/** A tenant with accounts in the EU and outside, most of them outside and first. */
function tenant(change: Partial<TenantSnapshot> = {}): TenantSnapshot {
  const strategy = { candidates: [OPUS, LUNA, GEMINI, SMALL, OWN], fallbacks: [SONAR] };
  return routingTenant({
    providerAccounts: [
      ...[account('openai', 'global'), account('openai', 'europe', 'eu'), account('openai', 'america', 'us')],
      ...[account('anthropic', 'claude'), account('anthropic', 'claude us', 'us'), account('google', 'gemini')],
      ...[account('perplexity', 'sonar', 'eu'), account('mistral', 'mistral', 'eu')],
      { ...account('openai-compatible', 'own', 'eu'), baseUrl: 'https://llm.acme.example' },
    ],
    models: MODELS.filter((model) => model !== OWN).map(({ provider, model }) => offer(provider, model, 2)),
    routingPolicies: [policyWith({ ...strategy, isDefault: true })],
    residencyPolicies: [EU],
    ...change,
  });
}

const OPENAI_ANSWER = {
  ...{ id: 'x', object: 'chat.completion', model: 'm', usage: { prompt_tokens: 1, completion_tokens: 1 } },
  choices: [{ index: 0, message: { role: 'assistant', content: 'Served.' }, finish_reason: 'stop' }],
};
const ANTHROPIC_ANSWER = {
  ...{ id: 'x', type: 'message', role: 'assistant', model: 'm', stop_reason: 'end_turn', input_tokens: 3 },
  ...{ content: [{ type: 'text', text: 'Served.' }], usage: { input_tokens: 1, output_tokens: 1 } },
};

interface Heard {
  readonly hosts: string[];
  readonly bodies: string[];
  readonly records: RequestRecorded[];
  readonly refusals: DomainError[];
}

/** Makes one request; vendors fail as often as `failing` says. */
async function ask(
  heard: Heard,
  snapshot: TenantSnapshot,
  request: Partial<OrchestrateRequest>,
  { isCount = false, failing = () => false }: { isCount?: boolean; failing?: () => boolean } = {},
): Promise<void> {
  const { input, played } = pipelinePlay({
    snapshot,
    request: { input: CONTENT, ...request },
    fetch: async (url, init) => {
      heard.hosts.push(new URL(String(url)).hostname);
      heard.bodies.push(typeof init?.body === 'string' ? init.body : '');
      if (failing()) return Response.json({ error: { message: 'down' } }, { status: 503 });
      return Response.json(String(url).includes('anthropic') ? ANTHROPIC_ANSWER : OPENAI_ANSWER);
    },
  });
  const result = await (isCount ? countTokens(input) : runRequest(input));
  await played.over();
  heard.records.push(...played.records);
  if (!result.ok) heard.refusals.push(result.error);
}

const nothing = (): Heard => ({ hosts: [], bodies: [], records: [], refusals: [] });

/** Random requests by preference, by policy and by none, whole and counted, to vendors of which a third fail. */
async function traffic(snapshot: TenantSnapshot): Promise<Heard> {
  const random = seededRandom(17);
  const heard = nothing();
  for (let at = 0; at < REQUESTS; at++) {
    const preferred = Array.from({ length: Math.floor(random() * 3) }, () => ({
      ...(MODELS[Math.floor(random() * MODELS.length)] ?? LUNA),
      weight: random(),
    }));
    const request = { providerPreferences: preferred, ...(random() < 0.3 && { routingPolicyId: POLICY_ID }) };
    await ask(heard, snapshot, request, { isCount: random() < 0.2, failing: () => random() < 0.3 });
  }
  return heard;
}

const outside = (hosts: readonly string[]) => hosts.filter((host) => !ALLOWED.includes(host));

describe('T7: content of a tenant with an enforced policy for the EU', () => {
  it('is sent to endpoints that the policy allows, and to no other, failing over or not', async () => {
    const heard = await traffic(tenant());
    expect(outside(heard.hosts)).toEqual([]);
    expect(new Set(heard.hosts)).toEqual(new Set(ALLOWED));
    expect(heard.bodies.filter((body) => body.includes('Lehmann')).length).toBeGreaterThan(REQUESTS / 2);
    expect(new Set(heard.records.map(({ location }) => location?.residency))).toEqual(new Set(['inside']));
    expect(
      new Set(heard.records.flatMap(({ attempts = [] }) => attempts.map((each) => each.endpoint?.residency))),
    ).toEqual(new Set(['inside']));
  });

  it('would be sent elsewhere where the policy is only reported, and its records say so (control)', async () => {
    const heard = await traffic(tenant({ residencyPolicies: [{ ...EU, enforced: false }] }));
    expect(outside(heard.hosts).length).toBeGreaterThan(REQUESTS / 4);
    expect(heard.records.filter(({ location }) => location?.residency === 'outside').length).toBeGreaterThan(50);
    expect(heard.refusals.map(({ code }) => code)).not.toContain('residency_refused');
  });
});

describe('a request under an enforced policy', () => {
  const only = (providerPreferences: OrchestrateRequest['providerPreferences']) => ({ providerPreferences });

  it('for a model that is nowhere allowed is refused, with the policy and the reason', async () => {
    const heard = nothing();
    await ask(heard, tenant(), only([{ ...OPUS, weight: 1 }]));
    expect(heard).toMatchObject({ hosts: [], records: [], refusals: [{ code: 'residency_refused' }] });
    const detail = heard.refusals[0]?.detail ?? '';
    for (const told of [EU.id, 'region eu', 'anthropic/claude-opus-5', 'account claude', 'outside_residency']) {
      expect(detail).toContain(told);
    }
  });

  it('whose policy has nothing allowed is refused, each candidate with its reason', async () => {
    const heard = nothing();
    const routingPolicies = [policyWith({ candidates: [OPUS, GEMINI], fallbacks: [SONAR] })];
    await ask(heard, tenant({ routingPolicies }), { routingPolicyId: POLICY_ID });
    expect(heard).toMatchObject({ hosts: [], records: [], refusals: [{ code: 'residency_refused' }] });
    for (const model of ['claude-opus-5', 'gemini-2.5-pro', 'sonar']) {
      expect(heard.refusals[0]?.detail).toContain(`${model}: outside_residency`);
    }
  });

  it('that names nothing goes to a default model that is allowed', async () => {
    const heard = nothing();
    await ask(heard, tenant({ routingPolicies: [] }), {});
    expect(heard.hosts).toEqual(['eu.api.openai.com']);
    expect(heard.records[0]).toMatchObject({
      location: { colo: 'FRA', jurisdiction: 'eu', endpointRegion: 'eu', guarantee: 'documented', residency: 'inside' },
    });
  });

  it('asks Anthropic for the region where that is how it is chosen, and counts there by an estimate', async () => {
    const heard = nothing();
    const us = tenant({ residencyPolicies: [{ ...EU, region: 'us' }] });
    await ask(heard, us, only([{ ...OPUS, weight: 1 }]));
    expect(heard.hosts).toEqual(['api.anthropic.com']);
    expect(JSON.parse(heard.bodies[0] ?? '')).toMatchObject({ inference_geo: 'us' });
    await ask(heard, us, only([{ ...OPUS, weight: 1 }]), { isCount: true });
    expect(heard.hosts).toHaveLength(1);
    expect(heard.refusals).toEqual([]);
  });

  it.each([
    ['null', null],
    ['absent', undefined],
  ])('F14: calls nothing while policies are not known (%s)', async (_name, residencyPolicies) => {
    const heard = nothing();
    const unknown = { ...tenant(), residencyPolicies } as TenantSnapshot;
    await ask(heard, unknown, {});
    await ask(heard, unknown, only([{ ...SMALL, weight: 1 }]));
    await ask(heard, unknown, {}, { isCount: true });
    expect(heard).toMatchObject({ hosts: [], records: [] });
    expect(heard.refusals.map(({ code }) => code)).toEqual(['unavailable', 'unavailable', 'unavailable']);
  });
});
