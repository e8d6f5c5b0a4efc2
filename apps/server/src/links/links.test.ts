import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { eventually } from '@infratraq/engines';
import { createClickLinks, createUnsubscribeLinks } from '@infratraq/notifications/hooks';
import { openTestServer, type TestServer } from '../testing/open-test-server.js';

const secret = 'the secret of links in this test, long enough';
const publicUrl = 'https://infra.example';
const signing = { secret, baseUrl: `${publicUrl}/api/v1/hooks` };
const unsubscribing = createUnsubscribeLinks(signing);
const clicking = createClickLinks(signing);
let server: TestServer;

beforeAll(async () => {
  server = await openTestServer({ LINK_SECRET: secret, PUBLIC_URL: publicUrl });
});
afterAll(() => server.close());

const made = new Set<string>();
const place = '/entities/projects/42/attachments';
async function attach(user: string): Promise<string> {
  const body = new FormData();
  body.set('file', new File([crypto.randomUUID()], 'plan.txt', { type: 'text/plain' }));
  const headers = { authorization: `Bearer ${await server.tokenOf(user, ['member'])}` };
  return (await server.call<{ file_id: string }>(`/api/v1${place}`, { method: 'POST', headers, body })).body
    .file_id;
}
async function linkTo(file: string, user: string): Promise<string> {
  const as = await server.as(user, 'member');
  // Links are told apart by the millisecond in which they were made.
  const { body } = await eventually(
    () => as<{ url: string }>('POST', `${place}/${file}/links`, {}),
    (answer) => !made.has(answer.body.url),
  );
  made.add(body.url);
  return body.url;
}
async function follow(url: string): Promise<unknown> {
  const answer = await fetch(new URL(url.replace(publicUrl, ''), server.url), { redirect: 'manual' });
  return answer.status < 400 ? answer.status : ((await answer.json()) as { code: string }).code;
}
const revoked = 'attachment.link.revoked';

it('one link is revoked by the one for whom it was made, or an operator, and others go on', async () => {
  const file = await attach('u-mia');
  const [first, second, third] = [
    await linkTo(file, 'u-mia'),
    await linkTo(file, 'u-mia'),
    await linkTo(file, 'u-noa'),
  ];
  const mia = await server.as('u-mia', 'member');
  expect((await mia('POST', '/links/revocations', { url: first })).status).toBe(204);
  expect(await mia('POST', '/links/revocations', { url: third })).toMatchObject({
    status: 404,
    body: { code: 'link.unknown' },
  });
  expect([await follow(first), await follow(second), await follow(third)]).toEqual([revoked, 200, 200]);
  const operator = await server.as('u-olga', 'operator');
  expect((await operator('POST', '/links/revocations', { url: third })).status).toBe(204);
  expect([await follow(second), await follow(third)]).toEqual([200, revoked]);
});

it('all links to a file are revoked, and later ones work', async () => {
  const [file, other] = [await attach('u-mia'), await attach('u-mia')];
  const before = [await linkTo(file, 'u-mia'), await linkTo(file, 'u-noa'), await linkTo(other, 'u-mia')];
  const mia = await server.as('u-mia', 'member');
  expect((await mia('DELETE', `${place}/${file}/links`)).status).toBe(204);
  const after = await linkTo(file, 'u-mia');
  const [first, second, third] = before as [string, string, string];
  expect([await follow(first), await follow(second), await follow(third), await follow(after)]).toEqual([
    revoked,
    revoked,
    200,
    200,
  ]);
});

it('all links of a person are revoked, in mails too, by that person or an operator', async () => {
  const linksOf = async (user: string, file: string) => [
    await linkTo(file, user),
    unsubscribing.urlFor(user, ['inspection.scheduled']),
    clicking.urlFor({ delivery_id: 'd-1', recipient_id: user, url: 'https://maps.example/' }) ?? '',
  ];
  const file = await attach('u-kim');
  const [kim, ida] = [await linksOf('u-kim', file), await linksOf('u-ida', file)];
  const followAll = (urls: readonly string[]) => Promise.all(urls.map(follow));
  expect([await followAll(kim), await followAll(ida)]).toEqual([
    [200, 200, 302],
    [200, 200, 302],
  ]);
  const asIda = await server.as('u-ida', 'member');
  expect(await asIda('POST', '/links/revocations', { user_id: 'u-kim' })).toMatchObject({
    status: 403,
    body: { code: 'link.forbidden' },
  });
  const asKim = await server.as('u-kim', 'member');
  expect((await asKim('POST', '/links/revocations', { user_id: 'u-kim' })).status).toBe(204);
  expect([await followAll(kim), await followAll(ida)]).toEqual([
    [revoked, 'hook.link-revoked', 'hook.link-revoked'],
    [200, 200, 302],
  ]);
  await eventually(
    async () => String(await followAll(await linksOf('u-kim', file))),
    (answers) => answers === '200,200,302',
  );
});

it('one link of a mail is revoked, and nothing that is no link of ours', async () => {
  const url = unsubscribing.urlFor('u-eve', ['inspection.scheduled']);
  const eve = await server.as('u-eve', 'member');
  expect((await eve('POST', '/links/revocations', { url })).status).toBe(204);
  expect(await follow(url)).toBe('hook.link-revoked');
  const operator = await server.as('u-olga', 'operator');
  for (const [asked, code] of [
    [{ url: `${url}x` }, 'link.unknown'],
    [{ url: 'https://elsewhere.example/' }, 'link.unknown'],
    [{}, 'link.either'],
    [{ url, user_id: 'u-eve' }, 'link.either'],
  ] as const)
    expect((await operator('POST', '/links/revocations', asked)).body).toMatchObject({ code });
});

it('a link is refused once its file is deleted, and works when it is restored', async () => {
  const file = await attach('u-mia');
  const url = await linkTo(file, 'u-mia');
  const mia = await server.as('u-mia', 'member');
  await mia('DELETE', `${place}/${file}`);
  expect(await follow(url)).toBe('attachment.not-found');
  await mia('POST', `${place}/${file}/restore`);
  expect(await follow(url)).toBe(200);
});
