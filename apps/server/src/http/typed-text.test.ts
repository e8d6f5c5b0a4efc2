import { store } from '@infratraq/store';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { listOperations, type ApiDescription, type Operation } from '../testing/list-operations.js';
import { openTestServer, type TestServer } from '../testing/open-test-server.js';
import { textPlaces, type JsonSchema, type TextPlace } from '../testing/sample-schema.js';

let server: TestServer;
let operations: Operation[];
let send: Awaited<ReturnType<TestServer['as']>>;
let resolve: (reference: string) => JsonSchema;

beforeAll(async () => {
  server = await openTestServer({ RATE_LIMIT_PER_MINUTE: '1000000' });
  send = await server.as('u-operator-1', 'operator', 'auditor', 'member', 'admin');
  const { body } = await server.call<ApiDescription>('/openapi.json');
  resolve = (reference) => body.components.schemas[reference.split('/').at(-1)!]!;
  operations = listOperations(body);
});
afterAll(() => server.close());

const placesOf = ({ body }: Operation): TextPlace[] => (body ? [...textPlaces(body, resolve)] : []);
const fill = (path: string, value: string) => path.replace(/\{[^}]+\}/g, value).replace('/api/v1', '');
// As any id may be written.
const pathOf = ({ path }: Operation) => fill(path, 'a'.repeat(24));
/** What a request could have left behind; requests themselves are logged and measured. */
async function countDocuments(): Promise<Record<string, number>> {
  const names = store.collections
    .map(({ name }) => name)
    .filter((name) => !['api_request_log', 'performance_metric', 'search_index_cache'].includes(name));
  const counts = await Promise.all(
    names.map(async (name) => [name, (await server.mongodbDocuments(name)).length] as const),
  );
  return Object.fromEntries(counts);
}
const isLimited = ({ maxLength, format, pattern }: JsonSchema) =>
  (maxLength ?? format ?? pattern) !== undefined;

it.each([
  ['half of an emoji', 'a\ud83d'],
  ['a NUL', 'a\0b'],
])('%s is refused in every text of every body, and nothing is kept', async (_what, text) => {
  const before = await countDocuments();
  let tried = 0;
  for (const operation of operations)
    for (const { path, put } of placesOf(operation)) {
      const { status, body } = await send(operation.method, pathOf(operation), put(text));
      const what = `${operation.method} ${operation.path} ${path}`;
      expect([what, status, body['code']]).toEqual([what, 400, 'text.invalid']);
      tried += 1;
    }
  expect(tried).toBeGreaterThan(100);
  expect(await countDocuments()).toEqual(before);
});

it('every text of a body has a limit, or is part of the JSON of the caller, and what is longer is refused', async () => {
  const before = await countDocuments();
  const unlimited: string[] = [];
  for (const operation of operations)
    for (const { path, put, schema } of placesOf(operation)) {
      const what = `${operation.method} ${operation.path} ${path}`;
      if (!isLimited(schema)) unlimited.push(what);
      const { maxLength } = schema;
      if (maxLength === undefined) continue;
      const { status, body } = await send(
        operation.method,
        pathOf(operation),
        put('x'.repeat(maxLength + 1)),
      );
      expect([what, status, body['code']]).toEqual([
        what,
        400,
        expect.stringMatching(/^[a-z-]+(\.[a-z-]+)+$/),
      ]);
    }
  const own = /\/(properties|params|options|data|parameters)\/(key|\(key\))$/;
  expect(unlimited.filter((what) => !own.test(what))).toEqual([]);
  expect(await countDocuments()).toEqual(before);
});

it('a query is refused that holds a NUL or is too long, and half of an emoji in one fails nothing', async () => {
  for (const operation of operations)
    for (const { name, in: where, schema } of operation.parameters) {
      if (where !== 'query' || !('type' in schema && schema.type === 'string')) continue;
      const ask = async (text: string) =>
        (await send(operation.method, `${pathOf(operation)}?${name}=${text}`)).status;
      const what = `${operation.method} ${operation.path}?${name}`;
      expect([what, await ask('a%00b')]).toEqual([what, 400]);
      expect([what, (await ask('a%ED%A0%BD')) !== 500]).toEqual([what, true]);
      if (schema.maxLength !== undefined)
        expect([what, await ask('x'.repeat(schema.maxLength + 1))]).toEqual([what, 400]);
    }
});

it('a path is refused that holds a NUL or half of an emoji', async () => {
  for (const { path, method, body } of operations) {
    if (!path.includes('{')) continue;
    for (const [text, code] of [
      ['a%00b', 'text.invalid'],
      ['a%ED%A0%BD', 'request.url'],
    ] as const) {
      const answer = await send(method, fill(path, text), body && {});
      const found = method === 'HEAD' ? code : answer.body['code'];
      expect([method, path, answer.status, found]).toEqual([method, path, 400, code]);
    }
  }
});

it.each([
  [
    'POST',
    '/events',
    (text: string) => ({ events: [{ event_type: 'a:b', page: { path: '/', title: text } }] }),
    500,
    202,
  ],
  ['POST', '/channels', (text: string) => ({ title: text }), 200, 201],
  [
    'PUT',
    '/favorites',
    (text: string) => ({ kind: 'pinned', entity_type: 'projects', entity_id: '1', title: text }),
    500,
    200,
  ],
  ['POST', '/entities/projects/1/comments', (text: string) => ({ body: text }), 8_000, 201],
  ['PUT', '/audit/sensitive-fields/projects/name', (text: string) => ({ reason: text }), 500, 200],
] as const)('%s %s counts characters as people do', async (method, path, bodyOf, characters, status) => {
  // A letter and its accent.
  const letter = 'e\u0301';
  const refused = await send(method, path, bodyOf(letter.repeat(characters + 1)));
  expect(refused).toMatchObject({ status: 400 });
  expect(await send(method, path, bodyOf(letter.repeat(characters)))).toMatchObject({ status });
});

it('a file keeps its name as far as it can be shown, and its description is refused where it cannot be kept', async () => {
  const authorization = `Bearer ${await server.tokenOf('u-operator-1', ['operator'])}`;
  const attach = (name: string, description: string) => {
    const part = (disposition: string, content: string) =>
      `--b\r\ncontent-disposition: form-data; ${disposition}\r\n\r\n${content}\r\n`;
    const body = `${part('name="description"', description)}${part(`name="file"; filename="${name}"`, 'x')}--b--\r\n`;
    const headers = { authorization, 'content-type': 'multipart/form-data; boundary=b' };
    const path = '/api/v1/entities/projects/1/attachments';
    return server.call<Record<string, unknown>>(path, { method: 'POST', headers, body });
  };
  const family = '👨‍👩‍👧‍👦';
  expect(await attach(`..\\${family} \u202egnp.exe`, 'ok')).toMatchObject({
    status: 201,
    body: { file_name: `${family} gnp.exe` },
  });
  for (const [description, code] of [
    ['a\0b', 'text.invalid'],
    ['e\u0301'.repeat(2_001), 'attachment.form'],
  ] as const)
    expect(await attach('plan.pdf', description)).toMatchObject({ status: 400, body: { code } });
});
