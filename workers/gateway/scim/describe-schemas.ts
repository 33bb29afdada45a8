import { ENTERPRISE_SCHEMA, GROUP_SCHEMA, USER_SCHEMA } from '../../../shared/contracts/http/scim/schemas.ts';
import { ENTERPRISE_TEXTS, NAME_PARTS, PLAIN_TEXTS } from '../../../shared/contracts/http/scim/users.ts';

interface Options {
  readonly type?: 'string' | 'boolean' | 'complex' | 'reference';
  readonly multiValued?: boolean;
  readonly required?: boolean;
  readonly caseExact?: boolean;
  readonly mutability?: 'readWrite' | 'readOnly' | 'immutable';
  readonly uniqueness?: 'none' | 'server';
  readonly description?: string;
  readonly subAttributes?: readonly object[];
}

/** An attribute with its characteristics (RFC 7643, section 2.2). */
function attribute(name: string, options: Options = {}): Record<string, unknown> {
  return {
    ...{ name, type: 'string', multiValued: false, required: false, caseExact: false, mutability: 'readWrite' },
    ...{ returned: 'default', uniqueness: 'none', description: name, ...options },
  };
}

const texts = (names: readonly string[]) => names.map((name) => attribute(name));

const externalId = attribute('externalId', {
  ...{ caseExact: true, description: 'Who it is to the identity provider.', uniqueness: 'server' },
});

const USER = [
  attribute('userName', { required: true, uniqueness: 'server', description: 'Unique, in any case.' }),
  externalId,
  attribute('active', { type: 'boolean', description: 'If the person may do anything.' }),
  ...texts(PLAIN_TEXTS),
  attribute('name', { type: 'complex', subAttributes: texts(NAME_PARTS) }),
  attribute('emails', {
    ...{ type: 'complex', multiValued: true },
    subAttributes: [...texts(['value', 'type', 'display']), attribute('primary', { type: 'boolean' })],
  }),
  attribute('groups', {
    ...{ type: 'complex', multiValued: true, mutability: 'readOnly' },
    subAttributes: ['value', 'display'].map((name) => attribute(name, { mutability: 'readOnly' })),
  }),
];

const GROUP = [
  attribute('displayName', { required: true, uniqueness: 'server', description: 'Unique, in any case.' }),
  externalId,
  attribute('members', {
    ...{ type: 'complex', multiValued: true, description: 'People of the same connection.' },
    subAttributes: [
      attribute('value', { caseExact: true, mutability: 'immutable' }),
      attribute('display', { mutability: 'readOnly' }),
      attribute('type', { mutability: 'immutable' }),
    ],
  }),
];

/** What resources are made of, schema by schema: what is not here is ignored. */
export const SCHEMAS = [
  { id: USER_SCHEMA, name: 'User', description: 'A person', attributes: USER },
  {
    ...{ id: ENTERPRISE_SCHEMA, name: 'EnterpriseUser', description: 'What an enterprise says of a person' },
    attributes: texts(ENTERPRISE_TEXTS),
  },
  { id: GROUP_SCHEMA, name: 'Group', description: 'A group of people', attributes: GROUP },
];
