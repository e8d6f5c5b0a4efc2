import type { AttachmentService } from '@infratraq/attachments';
import { currentActor, roleOver, type EntityReference } from '@infratraq/kernel';
import type { AccessServices } from '../access/index.js';

/** Makes chat's port for files: those of entities that the sender may see. */
export function createVisibleFiles(attachments: Pick<AttachmentService, 'find'>, access: AccessServices) {
  return async (fileIds: readonly string[], userId: string): Promise<string[]> => {
    const found = await attachments.find(fileIds);
    const actor = currentActor();
    const isSeen = async ({ entity_type, entity_id }: EntityReference) => {
      const entity = { entity_type, entity_id };
      if (actor?.user_id === userId) return (await roleOver(access, actor, entity)) !== undefined;
      return (await access.whoSees(entity, [userId])).length > 0;
    };
    const seen = await Promise.all(found.map(isSeen));
    return found.filter((_, place) => seen[place]).map(({ file_id }) => file_id);
  };
}
