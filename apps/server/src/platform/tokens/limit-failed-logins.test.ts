import { expect, it } from '@jest/globals';
import { UnauthenticatedError } from '@infratraq/transport';
import { errors } from 'jose';
import { limitFailedLogins } from './limit-failed-logins.js';

it('refuses an address after too many invalid tokens, until the minute is over, and nobody whom it knows', async () => {
  let now = 0;
  const authenticate = limitFailedLogins(
    async (token) => {
      if (token === 'expired')
        throw new UnauthenticatedError('Expired', new errors.JWTExpired('expired', { sub: 'mia' }));
      if (token.startsWith('forged')) throw new UnauthenticatedError();
      return { user_id: token, roles: ['member'] };
    },
    { perMinute: 3, now: () => now },
  );
  const codeOf = (token: string, address: string) =>
    authenticate(token, address).then(
      () => 'admitted',
      ({ code }: { code: string }) => code,
    );
  expect(await codeOf('mia', '10.0.0.1')).toBe('admitted');
  for (let times = 0; times < 5; times += 1)
    expect(await codeOf('expired', '10.0.0.1')).toBe('unauthenticated');
  for (const token of ['forged-1', 'forged-2', 'forged-3'])
    expect(await codeOf(token, '10.0.0.1')).toBe('unauthenticated');
  expect(await codeOf('forged-4', '10.0.0.1')).toBe('auth.too-many-failures');
  expect(await codeOf('otto', '10.0.0.1')).toBe('auth.too-many-failures');
  expect(await codeOf('mia', '10.0.0.1')).toBe('admitted');
  expect(await codeOf('otto', '10.0.0.2')).toBe('admitted');
  now += 60_001;
  expect(await codeOf('forged-4', '10.0.0.1')).toBe('unauthenticated');
  expect(await codeOf('olga', '10.0.0.1')).toBe('admitted');
});
