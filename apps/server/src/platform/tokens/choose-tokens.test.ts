import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readEnvironment } from '@infratraq/environment';
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey } from 'jose';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { chooseTokens } from './choose-tokens.js';

const issuer = 'https://id.example.org/';
const audience = 'infratraq';
const inAnHour = () => Math.floor(Date.now() / 1_000) + 3_600;

describe('tokens of a published key set', () => {
  let status = 200;
  let privateKey: CryptoKey;
  let strangersKey: CryptoKey;
  let url: string;
  let keys: object;
  const server = createServer((_request, response) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(keys));
  });

  beforeAll(async () => {
    const pair = await generateKeyPair('ES256');
    privateKey = pair.privateKey;
    strangersKey = (await generateKeyPair('ES256')).privateKey;
    keys = { keys: [{ ...(await exportJWK(pair.publicKey)), kid: 'one', alg: 'ES256' }] };
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/keys`;
  });
  afterAll(() => void server.close());

  const open = () =>
    chooseTokens(
      readEnvironment({ AUTH_JWKS_URL: url, AUTH_ISSUER: issuer, AUTH_AUDIENCE: audience, HOST: '0.0.0.0' }),
    );
  const valid = () => ({ sub: 'mia', roles: ['member'], iss: issuer, aud: audience, exp: inAnHour() });
  const sign = (claims: object, key = privateKey, kid = 'one') =>
    new SignJWT({ ...claims }).setProtectedHeader({ alg: 'ES256', kid }).sign(key);
  const refusal = async (token: string, tokens = open()) =>
    tokens.authenticate(token).then(
      () => undefined,
      (error: { status: number; code: string }) => [error.status, error.code],
    );

  it('are taken from the issuer, for this audience, and nothing makes others', async () => {
    const tokens = open();
    const token = await sign({ ...valid(), sid: 'session-1' });
    expect(await tokens.authenticate(token)).toMatchObject({
      user_id: 'mia',
      roles: ['member'],
      session_id: 'session-1',
    });
    expect(tokens.issue).toBeUndefined();
  });

  it.each([
    ['another issuer', { iss: 'https://id.example.net/' }],
    ['no issuer', { iss: undefined }],
    ['another audience', { aud: 'another client' }],
    ['no audience', { aud: undefined }],
    ['no expiry', { exp: undefined }],
    ['an expiry that has passed', { exp: 1_700_000_000 }],
    ['a beginning to come', { nbf: 4_000_000_000 }],
    ['no subject', { sub: undefined }],
    ['an empty subject', { sub: '' }],
    ['no role', { roles: [] }],
    ['a role that does not exist', { roles: ['root'] }],
  ])('are refused with %s', async (_what, changed) => {
    expect(await refusal(await sign({ ...valid(), ...changed }))).toEqual([401, 'unauthenticated']);
  });

  it('are refused when a stranger signed them, with a key that is published, unknown or none', async () => {
    expect(await refusal(await sign(valid(), strangersKey))).toEqual([401, 'unauthenticated']);
    expect(await refusal(await sign(valid(), strangersKey, 'two'))).toEqual([401, 'unauthenticated']);
    const [, payload] = (await sign(valid())).split('.');
    const unsigned = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${payload}.`;
    expect(await refusal(unsigned)).toEqual([401, 'unauthenticated']);
    expect(await refusal('nonsense')).toEqual([401, 'unauthenticated']);
  });

  it('are not called invalid while the keys cannot be read', async () => {
    const token = await sign(valid());
    status = 500;
    const tokens = open();
    expect(await refusal(token, tokens)).toEqual([503, 'auth.keys-unavailable']);
    status = 200;
    expect(await refusal(token, tokens)).toBeUndefined();
    const away = readEnvironment({
      AUTH_JWKS_URL: 'http://127.0.0.1:1/keys',
      AUTH_ISSUER: issuer,
      AUTH_AUDIENCE: audience,
    });
    expect(await refusal(token, chooseTokens(away))).toEqual([503, 'auth.keys-unavailable']);
  });

  it('need an issuer and an audience', () => {
    expect(() => readEnvironment({ AUTH_JWKS_URL: url })).toThrow(/AUTH_ISSUER: .*AUTH_AUDIENCE: /);
  });
});

it('a server that others can reach does not start without a way to check tokens', () => {
  expect(() => chooseTokens(readEnvironment({ HOST: '0.0.0.0' }))).toThrow(/AUTH_SECRET/);
});
