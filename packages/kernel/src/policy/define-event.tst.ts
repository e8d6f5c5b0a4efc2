import { describe, expect, it } from 'tstyche';
import { defineEvent, type EventData, type EventDefinition } from '../index.js';
import { type EventSchema } from './define-event.js';

class Visit {
  report_id!: string;
  seconds?: number;
}

interface ReportViewed {
  report_id: string;
  seconds: number;
}

declare const schema: EventSchema<ReportViewed>;

describe('an event', () => {
  it('has the name and the data of its declaration', () => {
    const event = defineEvent('report.viewed', {
      schema,
      collection: Visit,
      toDocument: ({ report_id, seconds }) => ({ report_id, seconds }),
    });
    expect(event).type.toBe<EventDefinition<'report.viewed', ReportViewed>>();
    expect<EventData<typeof event>>().type.toBe<ReportViewed>();
  });

  it('maps only what it carries', () => {
    defineEvent('report.viewed', {
      schema,
      table: 'visits',
      // @ts-expect-error Property 'minutes' does not exist on type 'ReportViewed'
      toRow: ({ minutes }) => ({ minutes }),
    });
  });

  it('maps only to fields of the collection', () => {
    defineEvent('report.viewed', {
      schema,
      collection: Visit,
      // @ts-expect-error Type 'number' is not assignable to type 'string'
      toDocument: ({ seconds }) => ({ report_id: seconds }),
    });
  });
});
