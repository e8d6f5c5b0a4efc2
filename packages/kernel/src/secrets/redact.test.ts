import { describe, expect, it } from '@jest/globals';
import { Redact, redactionsOf } from '../index.js';

class Call {
  @Redact('hash')
  ip_address?: string;

  path?: string;
}

class SignedCall extends Call {
  @Redact('mask', { when: ({ path }) => path === '/login' })
  body?: string;
}

describe('a redaction', () => {
  it('is known of the class that states it, and of those that extend it', () => {
    expect([...redactionsOf(Call)]).toEqual([['ip_address', { kind: 'hash' }]]);
    expect([...redactionsOf(SignedCall)]).toEqual([
      ['ip_address', { kind: 'hash' }],
      ['body', { kind: 'mask', when: expect.any(Function) }],
    ]);
  });

  it('leaves no trace on instances or among the class’s own names', () => {
    expect(Object.keys(new SignedCall())).toEqual([]);
    expect(Object.keys(SignedCall)).toEqual([]);
  });
});
