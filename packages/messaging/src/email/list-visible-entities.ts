import { roleOver, type Actor, type EntityAccess, type EntityReference } from '@infratraq/kernel';
import type { Models } from '@infratraq/mongo';
import { EmailCommunication } from '../collections/email-communication.js';

// A conversation is about one entity, seldom about a few.
const mostEntities = 100;

/** The entities that mails of a conversation are about, as far as an actor may see them. */
export async function listVisibleEntities(
  models: Models,
  access: EntityAccess,
  thread_id: string,
  actor: Actor,
): Promise<EntityReference[]> {
  const found = await models
    .of(EmailCommunication)
    .aggregate<{ _id: EntityReference }>([
      { $match: { thread_id, entity_id: { $exists: true } } },
      { $group: { _id: { entity_type: '$entity_type', entity_id: '$entity_id' } } },
      { $limit: mostEntities },
    ]);
  const roles = await Promise.all(found.map(({ _id }) => roleOver(access, actor, _id)));
  return found.flatMap(({ _id }, place) => (roles[place] ? [_id] : []));
}
