import { describe, expect, it } from 'tstyche';
import { between, Collection, days, defineQuery, expiresAfter, growth, permanent } from '../index.js';
import { type DateField, type FieldPath } from './field-path.js';

interface Delivery {
  status: string;
  tried_at: Date;
}

class Message {
  _id!: string;
  channel!: string;
  seq!: number;
  sent_at!: Date;
  edited_at?: Date | null;
  body!: { text: string; language?: string };
  deliveries!: Delivery[];
  labels!: string[];
  payload?: Record<string, unknown>;

  isEdited(): boolean {
    return this.edited_at !== undefined;
  }
}

class Another {
  title!: string;
}

const low = growth('low', { documentBytes: 500, documentsPerDay: 10 });
const high = growth('high', { documentBytes: 500, documentsPerDay: 100_000 });

const stated = {
  name: 'message',
  purpose: 'Messages',
  traits: ['nested-fields'],
  shardKey: { channel: 1 },
} as const;
const kept = { ...stated, retention: permanent(), growth: low } as const;
const expiring = {
  ...stated,
  retention: expiresAfter(days(90)),
  time: 'sent_at',
  archive: 'never',
  growth: high,
  indexes: [],
} as const;

describe('the keys of an index', () => {
  it('are fields of the class, nested ones and those of array items included', () => {
    Collection<Message>({
      ...kept,
      indexes: [
        { key: { channel: 1, seq: -1 }, serves: 'listMessages' },
        { key: { 'body.language': 1 }, serves: 'listByLanguage' },
        { key: { 'deliveries.status': 1, 'deliveries.tried_at': -1 }, serves: 'listDeliveries' },
        { key: { labels: 1 }, serves: 'listByLabel' },
        { key: { 'payload.anything': 1 }, serves: 'listByPayload' },
        { key: { 'body.text': 'text' }, serves: 'search', weights: { 'body.text': 3 } },
        { key: { edited_at: 1 }, partial: { edited_at: { $exists: true } }, serves: 'listEdited' },
      ],
    });
  });

  it('are nothing that the class has no field for', () => {
    expect<FieldPath<Message>>().type.not.toBeAssignableFrom('chanel' as const);
    Collection<Message>({
      ...kept,
      // @ts-expect-error 'chanel' does not exist in type
      indexes: [{ key: { chanel: 1 }, serves: 'listMessages' }],
    });
  });

  it('are no deep path that is wrong at its end', () => {
    Collection<Message>({
      ...kept,
      // @ts-expect-error 'body.txt'' does not exist in type
      indexes: [{ key: { 'body.txt': 1 }, serves: 'listMessages' }],
    });
    Collection<Message>({
      ...kept,
      // @ts-expect-error 'deliveries.state'' does not exist in type
      indexes: [{ key: { 'deliveries.state': 1 }, serves: 'listMessages' }],
    });
  });

  it('are no method', () => {
    expect<FieldPath<Message>>().type.not.toBeAssignableFrom('isEdited' as const);
  });

  it('bind partial filters, weights and the shard key too', () => {
    Collection<Message>({
      ...kept,
      // @ts-expect-error 'edited' does not exist in type
      indexes: [{ key: { channel: 1 }, partial: { edited: { $exists: true } }, serves: 'listMessages' }],
    });
    Collection<Message>({
      ...kept,
      indexes: [],
      // @ts-expect-error 'room' does not exist in type
      shardKey: { room: 1 },
    });
  });
});

describe('retention', () => {
  it('that is permanent takes no high growth', () => {
    expect(Collection<Message>).type.toBeCallableWith({ ...kept, indexes: [] });
    // @ts-expect-error retention.high-growth: a collection of high growth needs a retention that expires
    Collection<Message>({ ...kept, growth: high, indexes: [] });
  });

  it('that expires names the time field and the archive rule', () => {
    const { time, archive, ...rest } = expiring;
    expect(Collection<Message>).type.toBeCallableWith(expiring);
    expect(Collection<Message>).type.toBeCallableWith({ ...expiring, retention: between(days(1), days(2)) });
    // @ts-expect-error Property 'time' is missing
    Collection<Message>({ ...rest, archive });
    // @ts-expect-error Property 'archive' is missing
    Collection<Message>({ ...rest, time });
  });

  it('counts from a field that holds a date', () => {
    expect<DateField<Message>>().type.toBe<'sent_at' | 'edited_at'>();
    expect(Collection<Message>).type.not.toBeCallableWith({ ...expiring, time: 'channel' as const });
    expect(Collection<Message>).type.not.toBeCallableWith({ ...expiring, time: 'created_at' as const });
  });
});

describe('the traits of a policy', () => {
  it('are those that do not follow from it anyway', () => {
    expect(Collection<Message>).type.toBeCallableWith({ ...expiring, traits: ['append-only' as const] });
    expect(Collection<Message>).type.not.toBeCallableWith({ ...expiring, traits: ['ttl-expiry' as const] });
  });
});

describe('the decorator', () => {
  it('is applied to the class that the policy is about', () => {
    expect(Collection<Message>(expiring)).type.toBeCallableWith(Message);
    expect(Collection<Message>(expiring)).type.not.toBeCallableWith(Another);
  });

  it('says which class it is about', () => {
    // @ts-expect-error not assignable to parameter of type 'CollectionPolicy<never>'
    Collection(expiring);
  });
});

describe('a query', () => {
  it('asks for fields of its class', () => {
    defineQuery(Message, {
      example: { channel: 'c-1' },
      shape: ({ channel }: { channel: string }) => ({
        filter: { channel, 'body.language': 'en' },
        sort: { seq: 1 },
      }),
    });
    defineQuery(Another, {
      example: { title: 'Deck' },
      // @ts-expect-error is not assignable to type
      shape: ({ title }: { title: string }) => ({ filter: { heading: title } }),
    });
  });
});
