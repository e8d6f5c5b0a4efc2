import { describe, expect, it } from '@jest/globals';
import { registerTransport } from '@infratraq/transport/fastify';
import Fastify from 'fastify';
import { notificationHooks } from './hooks.js';

describe('hooks', () => {
  it('are absent where they are not set up', async () => {
    const bare = Fastify();
    await bare.register(registerTransport, { authenticate: async () => ({ user_id: 'a', roles: [] }) });
    await bare.register(notificationHooks, { report: async () => undefined });
    expect((await bare.inject({ method: 'POST', url: '/hooks/twilio/status' })).statusCode).toBe(404);
    expect((await bare.inject({ method: 'POST', url: '/hooks/mail/bounce' })).statusCode).toBe(404);
    await bare.close();
  });
});
