import { describe, expect, it } from '@jest/globals';
import { useHooks } from '../testing/use-hooks.js';
import { createClickLinks } from './hooks.js';

describe('hooks of links in mails', () => {
  const { app, clicked, links, clickLinks, failWith } = useHooks();
  const link = { delivery_id: 'd-1', recipient_id: 'u-1', url: 'https://maps.example/?q=a&b=%C3%BC#there' };
  const follow = (token: string | undefined, method: 'GET' | 'HEAD' = 'GET', headers = {}) =>
    app.inject({ method, url: `/api/v1/hooks/click?token=${token}`, headers });
  const token = clickLinks.urlFor(link)?.split('token=')[1];

  it('lead on to where they lead, and tell who followed which', async () => {
    const answer = await follow(token);
    expect([answer.statusCode, answer.headers.location]).toEqual([302, link.url]);
    expect(answer.headers).toMatchObject({ 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' });
    expect(clicked).toEqual([link]);
  });

  it('lead nowhere else, whatever the token says', async () => {
    const elsewhere = createClickLinks({
      secret: 'another secret of thirty-two characters',
      baseUrl: '',
    }).urlFor(link);
    const [payload, signature] = String(token).split('.');
    const changed = Buffer.from(JSON.stringify(['d-1', 'u-1', 'https://evil.example'])).toString('base64url');
    const unsubscribing = links.urlFor('u-1', ['https://evil.example']).split('=').at(-1);
    for (const forged of [elsewhere?.split('token=')[1], `${changed}.${signature}`, payload, unsubscribing]) {
      const answer = await follow(forged);
      expect([answer.statusCode, answer.json().code]).toEqual([404, 'hook.link-unknown']);
      expect(answer.headers.location).toBeUndefined();
    }
    expect((await follow('')).json().code).toBe('input.invalid');
    expect(clicked).toEqual([]);
  });

  it('tell of no program that looks ahead', async () => {
    expect((await follow(token, 'HEAD')).headers.location).toBe(link.url);
    const ahead = await follow(token, 'GET', { 'sec-purpose': 'prefetch;prerender' });
    expect(ahead.headers.location).toBe(link.url);
    expect(clicked).toEqual([]);
  });

  it('lead on although nothing can be noted', async () => {
    failWith(new Error('the database is away'));
    expect((await follow(token)).headers.location).toBe(link.url);
  });

  it('are made of web addresses alone that others may see', () => {
    for (const url of [
      'mailto:ada@example.org',
      'javascript:alert(1)',
      '/bridges/1',
      '#top',
      'https://',
      links.urlFor('u-1', ['x']),
      `https://a.example/${'long'.repeat(500)}`,
    ])
      expect(clickLinks.urlFor({ ...link, url })).toBeUndefined();
  });
});
