import type { ScimProjection } from '../../../../../shared/contracts/http/scim/messages.ts';
import { getScimGroup } from '../../../../../shared/services/scim/list-scim-groups.ts';
import type { AppContext } from '../../../app-context.ts';
import { readRecord } from '../../../configuration/read-record.ts';
import { errorResponse } from '../../../error-response.ts';
import { answerResource } from '../../../scim/answer-scim.ts';
import { NO_RESOURCE } from '../../../scim/change-provisioning.ts';
import { isAsked, project } from '../../../scim/project.ts';
import { showGroup } from '../../../scim/show-resource.ts';

/** Answers with a group as it is now. */
export async function answerGroup(
  context: AppContext,
  id: string,
  projection: ScimProjection,
  status: 200 | 201 = 200,
) {
  const { db } = context.get('ports');
  const hasMembers = isAsked(projection, 'members');
  const read = await readRecord(context, () => getScimGroup(db, context.get('scim'), id, hasMembers));
  if (!read.ok) return errorResponse(context, read.error);
  if (!read.value) return errorResponse(context, NO_RESOURCE);
  const group = showGroup(context, read.value);
  return answerResource(context, group, project(group, projection), status);
}
