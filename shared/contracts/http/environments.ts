import { z } from '@hono/zod-openapi';
import { ENVIRONMENT_TYPES } from '../names.ts';
import { pageOf } from './page.ts';
import { storableText } from './storable-text.ts';

const NAME_MAX_LENGTH = 200;

const name = storableText(NAME_MAX_LENGTH).openapi({
  description: 'Unique among the tenant’s environments.',
  example: 'production',
});

export const environmentInput = z
  .strictObject({
    name,
    type: z.enum(ENVIRONMENT_TYPES).openapi({ description: 'Part of the environment’s keys. It does not change.' }),
  })
  .openapi('EnvironmentInput');
export type EnvironmentInput = z.infer<typeof environmentInput>;

export const environmentChange = z.strictObject({ name }).openapi('EnvironmentChange');
export type EnvironmentChange = z.infer<typeof environmentChange>;

export const environment = z
  .object({ id: z.uuid(), name: z.string(), type: z.enum(ENVIRONMENT_TYPES), createdAt: z.iso.datetime() })
  .openapi('Environment', { description: 'Where keys and requests belong.' });
export type Environment = z.infer<typeof environment>;

export const environmentList = pageOf(environment).openapi('EnvironmentList', {
  description: 'Environments, oldest first.',
});
