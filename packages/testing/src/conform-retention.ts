import { expect, it } from '@jest/globals';
import { formatRetention, maximumLife } from '@infratraq/kernel';
import { modelOf, type ConformanceSubject } from './conformance-subject.js';

const archivedOnly = { archived_at: { $exists: true } };

/** Documents expire as the policy says, and where it archives, only once they are archived. */
export function conformRetention(subject: ConformanceSubject): void {
  const { policy } = subject.definition;
  const { retention, archive, time = '' } = policy;
  const gate = archive === 'before-expiry' ? ', and only what is archived' : '';

  it(`keeps documents: ${formatRetention(retention)}${gate}`, async () => {
    const live = await modelOf(subject).collection.indexes();
    const expiring = live
      .filter((index) => index['expireAfterSeconds'] !== undefined)
      .map(({ key, expireAfterSeconds, partialFilterExpression }) => ({
        key,
        expireAfterSeconds,
        partialFilterExpression,
      }))
      .sort((left) => ('expires_at' in left.key ? 1 : -1));
    if (retention.kind === 'permanent') {
      expect(expiring).toEqual([]);
      return;
    }
    const whole = { key: { [time]: 1 }, expireAfterSeconds: maximumLife(retention) };
    const own = { key: { expires_at: 1 }, expireAfterSeconds: 0 };
    const expected =
      archive === 'before-expiry'
        ? [whole, own].map((index) => ({ ...index, partialFilterExpression: archivedOnly }))
        : [whole, { ...own, partialFilterExpression: { expires_at: { $exists: true } } }];
    expect(expiring).toEqual(retention.kind === 'range' ? expected : expected.slice(0, 1));
  });
}
