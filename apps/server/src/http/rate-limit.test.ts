import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openTestServer, type TestServer } from '../testing/open-test-server.js';

describe('the rate limit', () => {
  let server: TestServer;
  beforeAll(async () => void (server = await openTestServer({ RATE_LIMIT_PER_MINUTE: '5' })));
  afterAll(() => server.close());

  it('answers a user who asks too often with a problem, and nobody else', async () => {
    const [busy, calm] = [await server.as('u-manager-1', 'member'), await server.as('u-manager-2', 'member')];
    const answers = await Promise.all(Array.from({ length: 8 }, () => busy('GET', '/preferences')));
    const refused = answers.filter(({ status }) => status === 429);
    expect(refused).toHaveLength(3);
    expect(refused[0]).toMatchObject({
      body: { code: 'rate-limited' },
      type: expect.stringContaining('problem+json'),
    });
    expect((await calm('GET', '/preferences')).status).toBe(200);
  });
});
