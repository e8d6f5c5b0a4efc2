import { describe, expect, it } from '@jest/globals';
import { readEnvironment } from '@infratraq/environment';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSenders } from './open-senders.js';

const vapid = {
  VAPID_PUBLIC_KEY: 'BJ5IxJBWdeqFDJTvrZ4wNRu7UY2XigDXjgiUBYEYVXDudxhEs0ReOJRBcBHsPYgZ5dyV8VjyqzbQKS8V7bUAglk',
  VAPID_PRIVATE_KEY: 'ERIZmc5T5uWGeRxedxu92k3HnpVwy_RCnQfgek1x2Y4',
};
const twilio = { TWILIO_ACCOUNT_SID: 'AC1', TWILIO_AUTH_TOKEN: 'token', TWILIO_FROM: '+15005550006' };
const privateKey = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({
  type: 'pkcs8',
  format: 'pem',
}) as string;
const account = JSON.stringify({ project_id: 'p', client_email: 'a@p.example', private_key: privateKey });

async function open(settings: NodeJS.ProcessEnv) {
  const told: string[] = [];
  const log = { info: (line: string) => void told.push(line) } as Parameters<typeof openSenders>[1];
  const senders = await openSenders(readEnvironment(settings), log);
  await Promise.all(senders.map((sender) => sender.close()));
  return { providers: senders.map(({ provider }) => provider), told };
}

describe('senders of the server', () => {
  it('are off without settings, and the log says how to turn each on', async () => {
    const { providers, told } = await open({});
    expect(providers).toEqual([]);
    expect(told.map((line) => /set (\w+)/.exec(line)?.[1])).toEqual([
      'SMTP_URL',
      'TWILIO_ACCOUNT_SID',
      'VAPID_PUBLIC_KEY',
      'FCM_SERVICE_ACCOUNT',
    ]);
  });

  it('are those that are set up, with keys given as text or as files', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'infratraq-senders-'));
    await writeFile(join(folder, 'dkim.pem'), privateKey);
    await writeFile(join(folder, 'account.json'), account);
    const mail = { SMTP_URL: 'smtp://127.0.0.1:25', DKIM_DOMAIN: 'infra.example', DKIM_SELECTOR: 'a' };
    const all = ['smtp', 'twilio', 'web_push', 'fcm'];
    const asFiles = {
      DKIM_PRIVATE_KEY: join(folder, 'dkim.pem'),
      FCM_SERVICE_ACCOUNT: join(folder, 'account.json'),
    };
    expect(await open({ ...mail, ...twilio, ...vapid, ...asFiles })).toEqual({ providers: all, told: [] });
    const oneLine = privateKey.replaceAll('\n', '\\n');
    const asText = { DKIM_PRIVATE_KEY: oneLine, FCM_SERVICE_ACCOUNT: account };
    expect((await open({ ...mail, ...twilio, ...vapid, ...asText })).providers).toEqual(all);
    await rm(folder, { recursive: true });
  });

  it.each([
    ['{"project_id": "p", "private_key": "-----BEGIN secret"}', 'FCM_SERVICE_ACCOUNT'],
    ['/nowhere/account.json', 'FCM_SERVICE_ACCOUNT'],
  ])('refuse an account that is none, by name and without quoting it', async (given, name) => {
    const refused = open({ ...twilio, FCM_SERVICE_ACCOUNT: given });
    await expect(refused).rejects.toMatchObject({ code: 'definition.environment' });
    const { message } = (await refused.catch((error: unknown) => error)) as Error;
    expect(message).toContain(name);
    expect(message).not.toContain('secret');
  });
});
