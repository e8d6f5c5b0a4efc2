import { expect, it } from '@jest/globals';
import type { Change } from '@infratraq/capture';
import { DeadLetterEvent } from '@infratraq/integration';
import { getModelForClass } from '@typegoose/typegoose';
import { beginLetter } from './report-refused-change.js';

const long = 'x'.repeat(600_000);
const change: Change = {
  _id: 'test:0000000000000001:00000000',
  entity_type: long,
  entity_id: long,
  operation: 'INSERT',
  old_value: null,
  new_value: null,
  changed_fields: [],
  changed_by: long,
  changed_at: new Date(0),
  cause_id: long,
  transaction_id: '1',
  lsn: '0/1',
  position: 0,
  schema_name: 'public',
  table_name: 'kept',
  source: 'application',
};

it('takes over as much of a change as a dead letter may have', async () => {
  const letter = {
    ...beginLetter(change),
    target: 'entity_changelog',
    reason: { code: 'capture.change-refused', message: 'too large' },
    attempts: 1,
    state: 'open',
    replayable: true,
    source_position: change._id,
  };
  await getModelForClass(DeadLetterEvent).validate(letter);
  expect(JSON.stringify(letter).length).toBeLessThan(4_000);
});
