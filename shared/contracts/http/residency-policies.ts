import { z } from '@hono/zod-openapi';
import { REGIONS, regionName } from '../names.ts';
import { REQUIRED_GUARANTEES } from '../residency.ts';
import { NAMES_A_FIELD } from './names-a-field.ts';
import { pageOf } from './page.ts';

const fields = {
  enforced: z.boolean().openapi({
    description: '`true`: what does not conform is refused. `false`: it is served, and recorded as outside.',
  }),
  minimumGuarantee: z.enum(REQUIRED_GUARANTEES).openapi({
    description:
      'The weakest guarantee that conforms: that the tenant declares the region of a server of its own, that the provider documents it, or that its terms say so.',
  }),
};

export const residencyPolicyInput = z
  .strictObject({
    region: z.enum(REGIONS).openapi({ description: 'Where content may go. One policy for each region.' }),
    enforced: fields.enforced.default(true),
    minimumGuarantee: fields.minimumGuarantee.default('declared'),
  })
  .openapi('ResidencyPolicyInput', {
    description: 'Where there are several enforced ones, content may go wherever one of them lets it.',
  });
export type ResidencyPolicyInput = z.infer<typeof residencyPolicyInput>;

export const residencyPolicyChange = z
  .strictObject(fields)
  .partial()
  .refine(...NAMES_A_FIELD)
  .openapi('ResidencyPolicyChange', {
    minProperties: 1,
    description: 'Fields to change. The region stays: another one is another policy.',
  });
export type ResidencyPolicyChange = z.infer<typeof residencyPolicyChange>;

export const residencyPolicy = z
  .object({
    id: z.uuid(),
    region: regionName,
    enforced: z.boolean(),
    minimumGuarantee: z.enum(REQUIRED_GUARANTEES),
    createdAt: z.iso.datetime(),
  })
  .openapi('ResidencyPolicy', { description: 'Where the content of the tenant’s requests may go.' });
export type ResidencyPolicy = z.infer<typeof residencyPolicy>;

export const residencyPolicyList = pageOf(residencyPolicy).openapi('ResidencyPolicyList', {
  description: 'Residency policies, oldest first.',
});
