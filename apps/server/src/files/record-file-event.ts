import { recordActivity } from '@infratraq/activity';
import type { AttachmentEvent } from '@infratraq/attachments';
import { currentActor, newCauseId, type EventRecorder } from '@infratraq/kernel';

const accessed = { link: 'linked', download: 'downloaded', preview: 'previewed' };

/** Passes what people do with files on to the record of their activity. */
export function recordFileEvent(events: EventRecorder): (event: AttachmentEvent) => void {
  return ({ kind, user_id, entity_type, entity_id, file_id, version, file_name, at, action }) => {
    if (user_id === 'system') return;
    const actor = currentActor();
    recordActivity(events, { roles: [], cause_id: newCauseId(), ...actor, user_id }, [
      {
        event_type: action ? `attachment:${accessed[action]}` : kind,
        occurred_at: at,
        module: 'attachments',
        entity_type,
        entity_id,
        properties: { file_id, version, file_name },
      },
    ]);
  };
}
