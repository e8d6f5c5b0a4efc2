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
  ])('refuses %s=%s by name', (name, value) => {
    expect(() => readEnvironment({ [name]: value })).toThrow(
      expect.objectContaining({ code: 'definition.environment', message: expect.stringContaining(name) }),
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
