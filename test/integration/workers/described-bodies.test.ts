import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import openapi from '../../../openapi.json';
import { PERMISSIONS } from '../../../shared/auth/permissions.ts';
import { isFormRefusal } from '../../harness/beyond-schema.ts';
import { type Answer, type DescribedApp, describedApp } from '../../harness/described-app.ts';
import { type Destination, destinationOf, JSON_OPERATIONS, type JsonOperation } from '../../harness/json-operations.ts';
import { testEnv } from '../../harness/mint-tenant.ts';
import { invalidBy, type JsonSchema, validBy } from '../../harness/schema-arbitrary.ts';

const BODIES = 500;
/** Of those that are valid, so many are answered out of Postgres itself. */
const REAL_BODIES = 25;
const SEED = 20_261_130;
const AT_ONCE = 25;
const MOST_SHOWN = 5;
const TIMEOUT_MS = 120_000;

const schemas = openapi.components.schemas as Readonly<Record<string, JsonSchema>>; // `validBy` holds them to what it knows

const PATCH = {
  schemas: fc.constant(['urn:ietf:params:scim:api:messages:2.0:PatchOp']),
  value: fc.oneof(fc.string(), fc.constant([])),
};
const FUTURE = { min: new Date('2100-01-01'), max: new Date('2200-01-01'), noInvalidDate: true };

/** What is served only if it exists or is to come, by the name of the property: values that are. */
const KNOWN = {
  model: fc.constant('openai/gpt-4o-mini'),
  providerPreferences: fc.constantFrom([], [{ provider: 'openai', model: 'gpt-4o-mini' }]),
  issuer: fc.constant(testEnv.TENANT_ISSUER),
  permissions: fc.subarray([...PERMISSIONS], { minLength: 1 }),
  scopes: fc.subarray([...PERMISSIONS], { minLength: 1 }),
  expiresAt: fc.oneof(
    fc.constant(null),
    fc.date(FUTURE).map((date) => date.toISOString()),
  ),
  ipAllowList: fc.oneof(fc.constant(null), fc.array(fc.oneof(fc.ipV4(), fc.ipV6()), { minLength: 1, maxLength: 3 })),
  timeZone: fc.constantFrom('UTC', 'Europe/Berlin', 'America/Los_Angeles'),
  callbackUrl: fc.constant(testEnv.CLOSED_URL), // what is made is told of there, which is nowhere
  when: fc.constantFrom('request.hasTools', 'tokens.input > 8000'),
};

/** The same for one operation; and what is described so that it can be refused by name, but leaves nothing to be served. */
const KNOWN_TO: Readonly<Record<string, Readonly<Record<string, fc.Arbitrary<unknown>>>>> = {
  orchestrate: { async: fc.constant(false), callbackUrl: fc.constant(undefined) },
  createMessage: { thread: fc.constant(null) },
  createResponse: {
    ...{ previous_response_id: fc.constant(null), conversation: fc.constant(null), prompt: fc.constant(null) },
    background: fc.constant(false),
  },
  addDomain: { name: fc.domain() },
  patchScimUser: { ...PATCH, path: fc.constantFrom('title', 'nickName', 'emails[type eq "work"]') },
  patchScimGroup: { ...PATCH, path: fc.constantFrom('displayName', 'members') },
};

/** Operations of which no body is served: an invitation's token is made for one person, and for once. */
const NEVER_SERVED = ['acceptInvitation'];

/** A schema as zod reads it: what of a text is said by `not` as a pattern. */
function validatorOf(schema: JsonSchema): z.ZodType {
  const text = JSON.stringify({ ...schema, $defs: schemas }).replaceAll('#/components/schemas/', '#/$defs/');
  const readable = JSON.parse(text, (_key, value) => {
    if (!value?.not) return value;
    const { not, ...rest } = value;
    return { ...rest, pattern: `^(?!(?:${not.enum.join('|')})$)` };
  });
  return z.fromJSONSchema(readable);
}

function bodiesOf({ schema, operationId }: Pick<JsonOperation, 'schema' | 'operationId'>, tenantId: string) {
  const validator = validatorOf(schema);
  const isValid = (value: unknown) => validator.safeParse(JSON.parse(JSON.stringify(value))).success;
  const valid = validBy(schema, {
    schemas,
    known: { ...KNOWN, ...KNOWN_TO[operationId] },
    ids: fc.constant(tenantId),
  }).filter(isValid);
  const sample = (bodies: fc.Arbitrary<unknown>) => fc.sample(bodies, { numRuns: BODIES, seed: SEED });
  return { valid: sample(valid), invalid: sample(invalidBy(valid, isValid)) };
}

/** An answer, and what it answers. */
interface Sent extends Answer {
  readonly body: string;
}

/** Sends bodies, a few at once; each answer is held to its description. */
async function answersOf(app: DescribedApp, { method }: JsonOperation, to: Destination, bodies: readonly unknown[]) {
  const answers: Sent[] = [];
  for (let from = 0; from < bodies.length; from += AT_ONCE) {
    if (from >= REAL_BODIES) app.playDatabase();
    const some = bodies.slice(from, from + AT_ONCE).map(async (value) => {
      const body = JSON.stringify(value);
      answers.push({ body, ...(await app.send(method, to.path, to.headers, body)) });
    });
    await Promise.all(some);
  }
  return answers;
}

/** What was sent and answered, a few of each kind, as words: a failed test's travel as text that must be well-formed. */
function shown(answers: readonly Sent[]): string[] {
  const kinds = new Map(answers.map((answer) => [`${answer.status} ${answer.text.replaceAll(/[\d-]/g, '')}`, answer]));
  return [...kinds.values()]
    .slice(0, MOST_SHOWN)
    .map(({ status, text, body }) =>
      `${body.slice(0, 400)} ${status} ${text.slice(0, 400)}`.replaceAll(/[^ -~]/g, '?'),
    );
}

describe(`I2: of ${BODIES} bodies that openapi.json allows none is refused for its form, of as many others none is taken, and each answer is as described`, () => {
  it.each(JSON_OPERATIONS)(
    '$method $path',
    async (operation) => {
      const { operationId } = operation;
      const destination = await destinationOf(operation, PERMISSIONS);
      const { valid, invalid } = bodiesOf(operation, destination.tenantId);
      const app = describedApp();
      const answers = await answersOf(app, operation, destination, valid);
      const refused = answers.filter((answer) => answer.status >= 500 || isFormRefusal(operationId, answer));
      expect(shown(refused)).toEqual([]);
      expect(answers.some(({ status }) => status < 400)).toBe(!NEVER_SERVED.includes(operationId));
      const others = await answersOf(app, operation, destination, invalid);
      expect(shown(others.filter(({ status }) => status !== 400))).toEqual([]);
    },
    TIMEOUT_MS,
  );
});

describe('I2 control', () => {
  const described: JsonSchema = {
    type: 'object',
    properties: { name: { type: 'string', minLength: 1, maxLength: 20 }, type: { enum: ['dev', 'staging', 'prod'] } },
    required: ['name', 'type'],
    additionalProperties: false,
  };
  const properties = described.properties ?? {};
  const operation = JSON_OPERATIONS.find(({ operationId }) => operationId === 'createEnvironment') as JsonOperation;

  /** How many of the bodies of a schema the route refuses for their form, and of those that are not of it, takes. */
  async function mistakes(schema: JsonSchema) {
    const destination = await destinationOf(operation, PERMISSIONS);
    const { valid, invalid } = bodiesOf({ ...operation, schema }, destination.tenantId);
    const app = describedApp();
    const refused = await answersOf(app, operation, destination, valid.slice(0, 50));
    const taken = await answersOf(app, operation, destination, invalid);
    return [
      refused.filter((answer) => isFormRefusal(operation.operationId, answer)).length > 0,
      taken.some(({ status }) => status !== 400),
    ];
  }

  it('a route that is stricter or laxer than it is described is found out, in each way in which it can be', async () => {
    expect(await mistakes(described)).toEqual([false, false]);
    const type: JsonSchema = { enum: ['dev', 'staging', 'prod', 'test'] };
    expect(await mistakes({ ...described, properties: { ...properties, type } })).toEqual([true, false]);
    expect(await mistakes({ ...described, required: ['type'] })).toEqual([true, false]);
    const name: JsonSchema = { type: 'string', minLength: 1, maxLength: 3 };
    expect(await mistakes({ ...described, properties: { ...properties, name } })).toEqual([false, true]);
    const more: JsonSchema = { type: 'string' };
    expect(await mistakes({ ...described, properties: { ...properties, more } })).toEqual([true, false]);
    expect(await mistakes({ ...described, properties: { ...properties, more }, required: ['more'] })).toEqual([
      true,
      true,
    ]);
  });

  it('a refusal for the form is told from one by a rule that no schema can say, and from one for a state', () => {
    const answer = (status: number, code: string, pointer: string, detail: string) => ({
      status,
      text: JSON.stringify({ code, detail: '', errors: [{ pointer, detail }] }),
    });
    const byRule = answer(400, 'bad_request', '/baseUrl', 'must say where the server is');
    expect(isFormRefusal('createProviderAccount', byRule)).toBe(false);
    expect(isFormRefusal('rotateProviderCredentials', byRule)).toBe(true);
    expect(isFormRefusal('createSecret', answer(400, 'bad_request', '/name', 'Invalid input'))).toBe(true);
    expect(isFormRefusal('createSecret', answer(409, 'already_exists', '/name', 'is taken'))).toBe(false);
  });

  it('a keyword that bodies cannot be made for is an error', () => {
    const source = { schemas: {}, known: {}, ids: fc.constant('') };
    expect(() => validBy({ contains: {} } as JsonSchema, source)).toThrow('no values can be made for contains');
  });

  it('every operation that takes JSON is among them', () => {
    expect(JSON_OPERATIONS.length).toBeGreaterThanOrEqual(44);
  });
});
