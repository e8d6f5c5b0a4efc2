import { describe, expect, it } from '@jest/globals';
import { publicUrl, useHooks } from '../testing/use-hooks.js';
import { createUnsubscribeLinks } from './hooks.js';

describe('hooks of unsubscribing', () => {
  const { app, muted, links, clickLinks } = useHooks();
  const pathOf = (url: string) => url.slice(publicUrl.length);
  const url = links.urlFor('u-1', ['inspection.scheduled']);

  it('mute a type with one click, as mail programs post it', async () => {
    const answer = await app.inject({
      method: 'POST',
      url: pathOf(url),
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      payload: 'List-Unsubscribe=One-Click',
    });
    expect(answer.statusCode).toBe(200);
    expect(muted).toEqual([['u-1', 'inspection.scheduled']]);
  });

  it('do so for people and types with names of any length', async () => {
    const [user, type] = [`urn:people:${'7'.repeat(150)}`, 'inspection_of_bridges.scheduled_again'];
    const answer = await app.inject({ method: 'POST', url: pathOf(links.urlFor(user, [type])) });
    expect(answer.statusCode).toBe(200);
    expect(muted).toEqual([[user, type]]);
  });

  it('mute every type that a digest tells of', async () => {
    const digest = links.urlFor('u-1', ['inspection.scheduled', 'comment.added']);
    expect((await app.inject({ method: 'POST', url: pathOf(digest) })).statusCode).toBe(200);
    expect(muted).toEqual([
      ['u-1', 'inspection.scheduled'],
      ['u-1', 'comment.added'],
    ]);
  });

  it('only ask when the link is followed', async () => {
    const answer = await app.inject({ url: pathOf(url) });
    expect([answer.statusCode, answer.headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
    expect(answer.body).toContain('<form method="post">');
    expect(muted).toEqual([]);
  });

  it('refuse a link that was changed, and mute nothing', async () => {
    const forged = createUnsubscribeLinks({
      secret: 'another secret of thirty-two characters',
      baseUrl: '',
    }).urlFor('u-2', ['x']);
    for (const token of [
      url.split('=').at(-1)?.slice(0, -2),
      'x.y',
      'x',
      forged.split('=').at(-1),
      clickLinks
        .urlFor({ delivery_id: 'u-2', recipient_id: 'x', url: 'https://a.example' })
        ?.split('=')
        .at(-1),
    ]) {
      const answer = await app.inject({ method: 'POST', url: `/api/v1/hooks/unsubscribe?token=${token}` });
      expect([answer.statusCode, answer.json().code]).toEqual([404, 'hook.link-unknown']);
    }
    expect(muted).toEqual([]);
  });
});
