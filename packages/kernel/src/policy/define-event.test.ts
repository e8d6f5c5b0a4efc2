import { describe, expect, it } from '@jest/globals';
import { assertEventTarget, Collection, days, defineEvent, expiresAfter, growth } from '../index.js';
import { type EventSchema } from './define-event.js';
import { type DeclaredTrait } from './traits.js';

@Collection<GateOpening>({
  name: 'gate_opening',
  purpose: 'Openings of gates',
  retention: expiresAfter(days(90)),
  time: 'opened_at',
  archive: 'never',
  growth: growth('moderate', { documentBytes: 200, documentsPerDay: 100 }),
  traits: ['append-only'],
  indexes: [],
  shardKey: { gate_id: 1 },
})
class GateOpening {
  gate_id!: string;
  opened_at!: Date;
}

const schema: EventSchema<{ gate_id: string }> = { parse: (input) => input as { gate_id: string } };
const asDocument = (...traits: DeclaredTrait[]) =>
  defineEvent('gate.opened', { schema, traits, collection: GateOpening, toDocument: (data) => data });
const asRow = (...traits: DeclaredTrait[]) =>
  defineEvent('gate.opened', { schema, traits, table: 'gate_openings', toRow: (data) => data });

describe('the target of an event', () => {
  it('is the store that the decision framework chooses', () => {
    expect(() => assertEventTarget(asDocument())).not.toThrow();
    expect(() => assertEventTarget(asRow('foreign-keys'))).not.toThrow();
  });

  it('is refused when the data belongs in the other store', () => {
    expect(() => assertEventTarget(asRow('append-only'))).toThrow(
      'It goes to a table but belongs in MongoDB',
    );
    expect(() => assertEventTarget(asDocument('acid-transactions'))).toThrow(
      expect.objectContaining({ code: 'definition.event.store', subject: 'gate.opened' }),
    );
  });

  it('is refused when it would break a rule that is never broken', () => {
    expect(() => assertEventTarget(asDocument('financial-data'))).toThrow(
      expect.objectContaining({ code: 'definition.event.anti-pattern' }),
    );
  });

  it('is durable unless it says otherwise', () => {
    expect(asRow().target).toMatchObject({ durability: 'journal-first', idColumn: 'id' });
  });
});
