import 'reflect-metadata';
import { createHmac } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { Collection, days, expiresAfter, growth, isSecretName, Redact, redacted } from '@infratraq/kernel';
import { buildCollectionSchema } from '@infratraq/mongo';
import { modelOptions, prop, Severity } from '@typegoose/typegoose';
import { Mongoose, Schema, type Model } from 'mongoose';
import { createKeyedHash } from './keyed-hash.js';
import { compilePreparation } from './prepare-event.js';
import { redactBy } from './redact-value.js';

@modelOptions({ schemaOptions: { _id: false } })
class Header {
  @prop({ type: String, required: true })
  name!: string;

  @Redact('mask', { when: ({ name }) => isSecretName(String(name)) })
  @prop({ type: String })
  value?: string;
}

@modelOptions({ schemaOptions: { _id: false } })
class Message {
  @prop({ type: () => [Header], required: true, _id: false })
  headers!: Header[];

  @Redact('secrets')
  @prop({ type: String })
  payload?: string;
}

@Collection<SiteCall>({
  name: 'site_call',
  purpose: 'Calls from a site',
  time: 'called_at',
  retention: expiresAfter(days(30)),
  archive: 'never',
  growth: growth('low', { documentBytes: 500, documentsPerDay: 10 }),
  traits: ['append-only'],
  indexes: [],
  shardKey: { _id: 'hashed' },
})
@modelOptions({ options: { allowMixed: Severity.ALLOW } })
class SiteCall {
  @prop({ type: Date, required: true })
  called_at!: Date;

  @Redact('hash')
  @prop({ type: String, maxlength: 45 })
  ip_address?: string;

  @Redact('hash')
  @prop({ type: [String], default: undefined })
  devices?: string[];

  @Redact('drop')
  @prop({ type: Number, min: 0 })
  salary?: number;

  @prop({ type: () => Message })
  request?: Message;

  @Redact('secrets')
  @prop({ type: Schema.Types.Mixed })
  context?: Record<string, unknown>;
}

const key = 'k'.repeat(32);
const hash = createKeyedHash(key);
const model = new Mongoose().model('SiteCall', buildCollectionSchema(SiteCall)) as unknown as Model<object>;
const { prepare, redactRejected } = compilePreparation(SiteCall, model, hash);
const digest = (text: string) => `hmac:${createHmac('sha256', key).update(text).digest('base64url')}`;
const called_at = new Date(0);

describe('what a class declares redacted', () => {
  it('is dropped, masked or digested, in nested types and arrays too', () => {
    const event = {
      called_at,
      ip_address: '192.0.2.1',
      devices: ['a', 'b'],
      salary: 5_000,
      request: {
        headers: [
          { name: 'Authorization', value: 'Bearer abcdefgh' },
          { name: 'Accept', value: '*/*' },
        ],
        payload: '{"password":"hunter2","page":1}',
      },
      context: { apiKey: 'k-1', nested: [{ refresh_token: 't', note: 'token=abc' }], count: 3 },
    };
    const original = structuredClone(event);
    expect(prepare(event)).toEqual({
      _id: expect.anything(),
      called_at,
      ip_address: digest('192.0.2.1'),
      devices: [digest('a'), digest('b')],
      request: {
        headers: [
          { name: 'Authorization', value: redacted },
          { name: 'Accept', value: '*/*' },
        ],
        payload: `{"password":"${redacted}","page":1}`,
      },
      context: {
        apiKey: redacted,
        nested: [{ refresh_token: redacted, note: `token=${redacted}` }],
        count: 3,
      },
    });
    expect(event).toEqual(original);
  });

  it('is redacted as well where Mongoose had to cast the event', () => {
    class Unusual {
      called_at = called_at.toISOString();
      ip_address = '192.0.2.1';
    }
    expect(prepare(new Unusual())).toMatchObject({ called_at, ip_address: digest('192.0.2.1') });
  });

  it('is checked before it is redacted', () => {
    expect(() => prepare({ called_at, ip_address: 'x'.repeat(46) })).toThrow(/ip_address/);
    expect(() => prepare({ called_at, salary: -1 })).toThrow(/salary/);
  });

  it('is not in the error of an event that is refused', () => {
    const wrong = { called_at, ip_address: { secret: 'hunter2' } };
    expect(() => prepare(wrong)).toThrow(/^ip_address cannot be cast to string$/);
    expect(() => prepare({ called_at, salary: 'hunter2' })).toThrow(/^salary cannot be cast to Number$/);
  });

  it('is redacted in what is kept of an event that is refused, and so is what the class does not know', () => {
    const rejected = {
      called_at: 'never',
      ip_address: 42,
      salary: 'a lot',
      adress: '192.0.2.1',
      request: { headers: { name: 'Cookie', value: 'id=1' }, payload: 'token=abc', body: 'hunter2' },
      context: { password: 'hunter2' },
    };
    expect(redactRejected(rejected)).toEqual({
      called_at: 'never',
      ip_address: digest('42'),
      adress: redacted,
      request: { headers: { name: 'Cookie', value: redacted }, payload: `token=${redacted}`, body: redacted },
      context: { password: redacted },
    });
  });
});

it('masks secrets in a field named __proto__, too, and loses none', () => {
  const redact = redactBy('secrets', (text) => text);
  const content = JSON.parse('{"__proto__":{"password":"hunter2","room":7}}') as object;
  expect(JSON.stringify(redact(content))).toBe(`{"__proto__":{"password":"${redacted}","room":7}}`);
});

describe('a redaction that cannot be carried out', () => {
  it.each([
    ['a required field is dropped', 'redaction.required', 'drop', { type: String, required: true }, hash],
    ['a number is masked', 'redaction.text', 'mask', { type: Number }, hash],
    ['there is no key to digest with', 'redaction.key', 'hash', { type: String }, undefined],
  ] as const)('is refused when the writer is made: %s', (_what, rule, kind, options, hasher) => {
    class Bare {
      field!: unknown;
    }
    Redact(kind)(Bare.prototype, 'field');
    Collection<Bare>({
      name: 'bare',
      purpose: 'Anything',
      retention: { kind: 'permanent' },
      growth: growth('low', { documentBytes: 100, documentsPerDay: 1 }),
      traits: ['append-only'],
      indexes: [],
      shardKey: { _id: 1 },
    })(Bare);
    const bare = new Mongoose().model(
      'Bare',
      new Schema({ field: { ...options } }),
    ) as unknown as Model<object>;
    expect(() => compilePreparation(Bare, bare, hasher)).toThrow(
      expect.objectContaining({ subject: 'Bare', rule }),
    );
  });
});
