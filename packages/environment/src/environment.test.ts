import { describe, expect, it } from '@jest/globals';
import { environmentVariables, listensOnLoopback, readEnvironment } from './index.js';

describe('the environment', () => {
  it('has a default for everything that is not secret, and takes empty variables as absent', () => {
    expect(readEnvironment({ PORT: '', MONGODB_URI: '' })).toMatchObject({
      PORT: 3000,
      HOST: '127.0.0.1',
      LOG_LEVEL: 'info',
    });
    expect(readEnvironment({ PORT: '0' }).PORT).toBe(0);
  });

  it.each([
    ['PORT', 'seventy'],
    ['PORT', '70000'],
    ['MONGODB_URI', 'http://localhost'],
    ['POSTGRES_URL', 'mysql://localhost'],
    ['AUTH_SECRET', 'short'],
    ['INFRATRAQ_ENGINE', 'other'],
    ['OBJECTS_URL', 'http://bucket'],
    ['LINK_SECRET', 'short'],
    ['CLAMAV_URL', 'http://localhost:3310'],
    ['SMTP_URL', 'http://localhost'],
    ['PUBLIC_URL', 'infra.example'],
    ['VAPID_PUBLIC_KEY', 'short'],
    ['IMAP_URL', 'imaps://host-without-user/INBOX'],
    ['INBOUND_MAIL_ADDRESS', 'inbox'],
    ['INBOUND_MAIL_SECRET', 'short'],
  ])('refuses %s=%s by name', (name, value) => {
    expect(() => readEnvironment({ [name]: value })).toThrow(
      expect.objectContaining({ code: 'definition.environment', message: expect.stringContaining(name) }),
    );
  });

  it('refuses half of what a provider needs, and names the other half', () => {
    const refused = (given: NodeJS.ProcessEnv) => {
      try {
        readEnvironment(given);
        return '';
      } catch (error) {
        return (error as Error).message;
      }
    };
    expect(refused({ TWILIO_ACCOUNT_SID: 'AC1' })).toMatch(/TWILIO_AUTH_TOKEN: .*TWILIO_FROM: /);
    expect(refused({ VAPID_PRIVATE_KEY: 'k'.repeat(43) })).toContain('VAPID_PUBLIC_KEY: is needed');
    expect(refused({ SMTP_FROM: 'a@example.org' })).toContain('SMTP_URL: is needed beside SMTP_FROM');
    expect(refused({ SMTP_URL: 'smtp://localhost', DKIM_DOMAIN: 'example.org' })).toMatch(
      /DKIM_SELECTOR: .*DKIM_PRIVATE_KEY: /,
    );
    const whole = { TWILIO_ACCOUNT_SID: 'AC1', TWILIO_AUTH_TOKEN: 'secret', TWILIO_FROM: '+15005550006' };
    expect(refused(whole)).toBe('');
    expect(refused({ ...whole, TWILIO_FROM: '' })).not.toContain('secret');
  });

  it('takes the address of a server with or without a slash at its end', () => {
    expect(readEnvironment({ PUBLIC_URL: 'https://infra.example/app/' }).PUBLIC_URL).toBe(
      'https://infra.example/app',
    );
  });

  it('knows which hosts only this machine reaches', () => {
    expect(['127.0.0.1', '127.0.1.1', 'localhost', '::1'].every((HOST) => listensOnLoopback({ HOST }))).toBe(
      true,
    );
    expect(['0.0.0.0', '10.0.0.1', '::', 'example.org'].some((HOST) => listensOnLoopback({ HOST }))).toBe(
      false,
    );
  });

  it('describes every variable', () => {
    expect(environmentVariables.filter(({ description }) => description === '')).toEqual([]);
  });
});
