import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createTokenSigner } from './sign-tokens.js';

const secret = 'a secret that has at least 32 bytes';

it('reads what it wrote', () => {
  const signer = createTokenSigner<unknown>(secret, 'test');
  fc.assert(
    fc.property(fc.json(), (json) =>
      expect(signer.read(signer.write(JSON.parse(json)))).toEqual(JSON.parse(json)),
    ),
  );
});

it('refuses tokens of another secret, of another purpose, and altered ones', () => {
  const token = createTokenSigner<object>(secret, 'test').write({ user_id: 'u-1' });
  expect(createTokenSigner(`${secret}.`, 'test').read(token)).toBeUndefined();
  expect(createTokenSigner(secret, 'other').read(token)).toBeUndefined();
  const signer = createTokenSigner(secret, 'test');
  const altered = fc
    .tuple(fc.nat(token.length - 1), fc.constantFrom(...'Aa0-_.~'))
    .filter(([at, to]) => token[at] !== to);
  fc.assert(
    fc.property(altered, ([at, to]) => {
      expect(signer.read(token.slice(0, at) + to + token.slice(at + 1))).toBeUndefined();
    }),
  );
  for (const wrong of ['', '.', `${token}.`, `${token}=`, token.slice(1), 'é.é'])
    expect(signer.read(wrong)).toBeUndefined();
});

it('refuses a short secret', () => {
  expect(() => createTokenSigner('short', 'test')).toThrow('32 bytes or more');
});
