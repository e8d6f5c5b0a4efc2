import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import { descriptionFile, settingsOfEveryRoute } from '../testing/api-description.js';
import { openTestServer, type TestServer } from '../testing/open-test-server.js';

interface Operation {
  summary?: string;
  description?: string;
  tags?: string[];
  responses: Record<string, unknown>;
}

describe('the description of the API', () => {
  let server: TestServer;
  beforeAll(async () => void (server = await openTestServer(settingsOfEveryRoute)), 60_000);
  afterAll(() => server.close());

  it('has every route with its errors', async () => {
    const { body } = await server.call<{ openapi: string; paths: Record<string, Record<string, Operation>> }>(
      '/openapi.json',
    );
    expect(body.openapi).toBe('3.1.0');
    const operations = Object.entries(body.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
    );
    expect(operations.length).toBeGreaterThan(20);
    const incomplete = operations.filter(
      ({ operation }) =>
        !operation.summary ||
        !operation.description ||
        !operation.tags?.length ||
        !operation.responses['500'],
    );
    expect(incomplete.map(({ path, method }) => `${method} ${path}`)).toEqual([]);
  });

  it('is the one that clients are generated from', async () => {
    const { body } = await server.call<object>('/openapi.json');
    const committed = await readFile(descriptionFile, 'utf8');
    const isCurrent = `${JSON.stringify(body, null, 2)}\n` === committed;
    expect(isCurrent ? 'current' : 'run "npm run generate:api" and commit what it writes').toBe('current');
  });
});
