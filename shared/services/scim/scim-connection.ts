import type { ScimType } from '../../errors/domain-error.ts';
import type { MembershipRefusal } from './group-roles.ts';

/** On whose behalf a SCIM request is: a token, and the identity provider that it was given to. */
export interface ScimConnection {
  readonly tenantId: string;
  readonly tokenId: string;
  readonly providerId: string;
  readonly issuer: string;
  readonly externalIdClaim: 'sub' | 'oid';
  /** The role of who is new; null: none. */
  readonly defaultRoleId: string | null;
}

/** What is wrong with what a SCIM request says; `detail` is written for who sent it. */
export interface ScimFault {
  readonly scimType: ScimType;
  readonly detail: string;
}

/**
 * Why a SCIM request changes nothing. `stale`: the resource is not of the version that was named. `email_taken`: another
 * person of the tenant has the address; people are never linked by it.
 */
export type ScimRefusal =
  | MembershipRefusal
  | 'not_found'
  | 'stale'
  | 'name_taken'
  | 'external_id_taken'
  | 'email_taken'
  | 'unknown_members'
  | ScimFault;
