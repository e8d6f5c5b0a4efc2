import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { rewriteHtmlLinks, rewriteTextLinks } from './rewrite-links.js';

const ours = (url: string) => `https://ours.example/?to=${encodeURIComponent(url)}&by=1`;
const known = (url: string) => (url.startsWith('https:') ? ours(url) : undefined);

describe('links of HTML', () => {
  it.each([
    [
      '<a href="https://a.example">A</a>',
      '<a href="https://ours.example/?to=https%3A%2F%2Fa.example&amp;by=1">A</a>',
    ],
    [
      "<A class=x HREF='https://a.example?b=1&amp;c=2' id=y>A</A>",
      `<A class=x href="https://ours.example/?to=${encodeURIComponent('https://a.example?b=1&c=2')}&amp;by=1" id=y>A</A>`,
    ],
    [
      '<a href=https://a.example>A</a>',
      '<a href="https://ours.example/?to=https%3A%2F%2Fa.example&amp;by=1">A</a>',
    ],
  ])('%s lead elsewhere', (html, expected) => {
    expect(rewriteHtmlLinks(html, known)).toBe(expected);
  });

  it.each([
    '<a href="mailto:ada@example.org">A</a>',
    '<a>https://a.example</a>',
    '<img src="https://a.example/x.png"><link href="https://a.example/x.css">',
    '<!-- <a href="https://a.example">A</a> -->',
    '<p title="<a href=\'https://a.example\'>">a < b && c</p>',
    '<style>a[href="https://a.example"] { color: red }</style>',
  ])('are left where there is none: %s', (html) => {
    expect(rewriteHtmlLinks(html, known)).toBe(html);
  });

  it('are all that changes, whatever surrounds them', () => {
    const text = fc.string().map((value) => value.replace(/[<>&]/g, '·'));
    const link = fc.webUrl({ validSchemes: ['https'], withQueryParameters: true, withFragments: true });
    fc.assert(
      fc.property(fc.array(fc.tuple(text, link), { maxLength: 6 }), text, (pieces, end) => {
        const escape = (url: string) => url.replaceAll('&', '&amp;').replaceAll('"', '&quot;');
        const write = (change: (url: string) => string) =>
          pieces.map(([before, url]) => `${before}<a href="${escape(change(url))}">x</a>`).join('') + end;
        expect(rewriteHtmlLinks(write(String), ours)).toBe(write(ours));
        expect(rewriteHtmlLinks(write(String), () => undefined)).toBe(write(String));
      }),
    );
  });
});

describe('links of a text', () => {
  it.each([
    ['See https://a.example/b.', 'https://a.example/b'],
    ['See (https://a.example/b), then go', 'https://a.example/b'],
    ['Open [https://a.example/b?c=1&d=2]', 'https://a.example/b?c=1&d=2'],
    ['https://a.example/bridge_(Linz)!', 'https://a.example/bridge_(Linz)'],
    ['<https://a.example>', 'https://a.example'],
  ])('%s lead elsewhere, and the sentence stays', (text, url) => {
    expect(rewriteTextLinks(text, known)).toBe(text.replace(url, ours(url)));
  });

  it('are left where they are not to lead elsewhere', () => {
    expect(rewriteTextLinks('http://a.example, ftp://b.example', known)).toBe(
      'http://a.example, ftp://b.example',
    );
  });
});
