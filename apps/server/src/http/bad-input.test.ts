import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '@infratraq/engines';
import { store } from '@infratraq/store';
import { searchableTables } from '../insight/searchable-tables.js';
import { openTestServer, type Answer, type TestServer } from '../testing/open-test-server.js';
import { listOperations, type ApiDescription, type Operation } from '../testing/list-operations.js';
import { poisonStrings, sample, type JsonSchema } from '../testing/sample-schema.js';

describe('bad input', () => {
  let server: TestServer;
  let operations: Operation[];
  let resolve: (reference: string) => JsonSchema;
  let send: Awaited<ReturnType<TestServer['as']>>;

  beforeAll(async () => {
    server = await openTestServer();
    const { rows } = await server.postgres.pool.query<{ count: number }>(
      `select (${searchableTables.map(({ entityType }) => `(select count(*) from ${entityType})`).join(' + ')})::int as count`,
    );
    const searchableRows = rows[0]!.count;
    send = await server.as('u-operator-1', 'operator', 'auditor', 'member', 'admin');
    const { body } = await server.call<ApiDescription>('/openapi.json');
    resolve = (reference) => body.components.schemas[reference.split('/').at(-1)!]!;
    operations = listOperations(body);
    await eventually(
      () => server.mongodbDocuments('search_index_cache'),
      ({ length }) => length === searchableRows,
    );
  });
  afterAll(() => server.close());

  /** Everything that a request could have left behind; requests themselves are logged and measured. */
  const readTraces = async (): Promise<Record<string, number>> => {
    const ofRequests = ['api_request_log', 'performance_metric'];
    const names = store.collections.map(({ name }) => name).filter((name) => !ofRequests.includes(name));
    const counts = await Promise.all(
      names.map(async (name) => [name, (await server.mongodbDocuments(name)).length] as const),
    );
    return Object.fromEntries(counts);
  };
  const expectProblem = (answer: Answer<unknown>, what: string): void => {
    expect([what, answer.status >= 400 && answer.status < 500, answer.type.split(';')[0]]).toEqual([
      what,
      true,
      'application/problem+json',
    ]);
    expect(answer.body).toMatchObject({
      status: answer.status,
      code: expect.any(String),
      detail: expect.any(String),
    });
  };
  const pathOf = ({ path }: Operation, value = 'abc'): string =>
    path.replace(/\{[^}]+\}/g, value).replace('/api/v1', '');

  it('in any string of any body is refused, an operator object as anything else, and leaves nothing behind', async () => {
    const before = await readTraces();
    let tried = 0;
    for (const operation of operations.filter(({ body }) => body)) {
      const valid = sample(operation.body!, resolve);
      for (const poison of [{ $gt: '' }, { $where: 'sleep(1)' }, ['a'], 7])
        for (const { path, value } of poisonStrings(valid, poison)) {
          const what = `${operation.method} ${operation.path} ${path} ${JSON.stringify(poison)}`;
          if (isFreeForm(operation, path)) continue;
          expectProblem(await send(operation.method, pathOf(operation), value), what);
          tried += 1;
        }
    }
    expect(tried).toBeGreaterThan(50);
    expect(await readTraces()).toEqual(before);
  });

  it.each([
    ['an unknown field', (valid: object) => ({ ...valid, $where: '1' })],
    ['an array', () => []],
    ['a string', () => '"text"'],
    ['null', () => 'null'],
    ['broken JSON', () => '{"a":'],
    ['an oversized body', () => ({ text: 'x'.repeat(2 * 1024 * 1024) })],
  ])('as a body that is %s is refused everywhere', async (what, make) => {
    for (const operation of operations.filter(({ body }) => body)) {
      const body = make(sample(operation.body!, resolve) as object);
      expectProblem(
        await send(operation.method, pathOf(operation), body),
        `${operation.method} ${operation.path} ${what}`,
      );
    }
  });

  it('in a query is refused: operators, unknown names, wrong types', async () => {
    for (const operation of operations.filter(({ method }) => method === 'GET')) {
      const names = operation.parameters
        .filter((parameter) => parameter.in === 'query')
        .map(({ name }) => name);
      for (const query of [
        ...names.map((name) => `${name}[$gt]=`),
        'limit=-1&limit=x',
        'cursor=%7B%22a%22%7D&limit=5',
      ]) {
        if (names.length === 0) continue;
        expectProblem(await send('GET', `${pathOf(operation)}?${query}`), `${operation.path}?${query}`);
      }
    }
  });

  it('in a path is answered with a problem, whatever it holds', async () => {
    for (const operation of operations.filter(({ path, method }) => path.includes('{') && method === 'GET'))
      for (const value of ['%00', '..%2f..%2fetc', '%7B%22$gt%22:%22%22%7D', 'a'.repeat(1_200)]) {
        const answer = await send('GET', pathOf(operation, value));
        expect([operation.path, value, answer.status < 500]).toEqual([operation.path, value, true]);
      }
  });

  it('as an identity is refused: no token, a forged one, one of another kind', async () => {
    for (const operation of operations.filter(({ secured }) => secured)) {
      const url = `/api/v1${pathOf(operation)}`;
      for (const headers of [
        {},
        { authorization: 'Bearer forged.token.here' },
        { authorization: 'Basic YTpi' },
      ]) {
        const answer = await server.call(url, { method: operation.method, headers });
        expect([operation.path, answer.status]).toEqual([operation.path, 401]);
      }
    }
  });

  it('as an unknown route or method is a problem too', async () => {
    expectProblem(await send('GET', '/nothing-here'), 'unknown route');
    expectProblem(await send('PATCH', '/collections'), 'unknown method');
    expectProblem(await server.call('/api/v2/collections'), 'unknown version');
  });
});

/** Fields whose content is the caller's own JSON, so that an object in them is no mistake. */
function isFreeForm({ path }: Operation, field: string): boolean {
  return /^\/(params|context|payload|properties|metadata)\b/.test(field) && !path.endsWith('/preferences');
}
