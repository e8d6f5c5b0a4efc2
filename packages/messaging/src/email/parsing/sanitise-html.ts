import sanitizeHtml from 'sanitize-html';
import { cleanText } from './mail-headers.js';
import { mailLimits } from './mail-limits.js';

const length = /^\d{1,4}(\.\d+)?(px|pt|em|rem|%)?$/;
const lengths = /^(\d{1,4}(\.\d+)?(px|pt|em|rem|%)?|auto)(\s+(\d{1,4}(\.\d+)?(px|pt|em|rem|%)?|auto)){0,3}$/;
const colour = /^(#[0-9a-f]{3,8}|[a-z]{1,20}|rgba?\([\d\s.,%]{1,40}\))$/i;

/**
 * Makes the HTML of a mail safe to show: no scripts, forms, frames or remote styles. Images within the mail
 * (`cid:`) stay. Remote images, which tell the sender who reads when, are not loaded: their address is kept in
 * `data-remote-src`. Tracking pixels are removed.
 */
export function sanitiseHtml(html: string): string {
  const safe = sanitizeHtml(html, {
    allowedTags: [...sanitizeHtml.defaults.allowedTags, 'img', 'font', 'center', 'del', 'ins'],
    allowedAttributes: {
      '*': ['style', 'align', 'valign', 'dir', 'lang', 'title'],
      a: ['href', 'rel', 'target'],
      img: ['src', 'alt', 'width', 'height', 'data-remote-src'],
      font: ['color', 'face', 'size'],
      table: ['width', 'cellpadding', 'cellspacing', 'border', 'bgcolor'],
      td: ['width', 'height', 'colspan', 'rowspan', 'bgcolor'],
      th: ['width', 'height', 'colspan', 'rowspan', 'bgcolor'],
      ol: ['start', 'type'],
    },
    allowedSchemes: ['http', 'https', 'mailto', 'tel'],
    allowedSchemesByTag: { img: ['cid'] },
    allowProtocolRelative: false,
    allowedStyles: {
      '*': {
        color: [colour],
        'background-color': [colour],
        'text-align': [/^(left|right|center|justify)$/],
        'text-decoration': [/^(underline|line-through|none)$/],
        'font-weight': [/^(bold|normal|\d{3})$/],
        'font-style': [/^(italic|normal)$/],
        'font-size': [length],
        'font-family': [/^[\w\s,'"-]{1,200}$/],
        'line-height': [length],
        margin: [lengths],
        padding: [lengths],
        width: [length],
        height: [length],
      },
    },
    nestingLimit: 200,
    transformTags: {
      a: (tagName, attributes) => ({
        tagName,
        attribs: { ...attributes, rel: 'noopener noreferrer nofollow', target: '_blank' },
      }),
      img: (tagName, { src = '', 'data-remote-src': _forged, ...attributes }) => ({
        tagName,
        attribs: { ...attributes, ...placeImage(src.trim()) },
      }),
    },
    exclusiveFilter: ({ tag, attribs }) =>
      tag === 'img' && (isPixel(attribs) || !(attribs['src'] || attribs['data-remote-src'])),
  });
  return cleanText(safe, mailLimits.htmlCharacters);
}

// Elements that another one ends, and those without content, do not nest.
const flat = new Set(
  'area base br col embed hr img input link meta source track wbr p li dd dt tr td th tbody thead tfoot option'.split(
    ' ',
  ),
);

/** Whether making HTML safe is too much work; takes time in proportion to its length. */
export function isTooComplex(html: string): boolean {
  let [tags, depth] = [0, 0];
  for (const [, closes, name = ''] of html.matchAll(/<(\/?)([a-z][a-z0-9]{0,20})?/gi)) {
    tags += 1;
    if (name !== '' && !flat.has(name.toLowerCase())) depth = Math.max(0, depth + (closes ? -1 : 1));
    if (tags > mailLimits.htmlTags || depth > mailLimits.htmlDepth) return true;
  }
  return false;
}

function placeImage(src: string): Record<string, string> {
  if (/^cid:/i.test(src)) return { src };
  return /^https?:\/\//i.test(src) ? { 'data-remote-src': src } : {};
}

function isPixel({ width, height, style = '' }: Record<string, string | undefined>): boolean {
  const isTiny = (value: string | undefined) => value !== undefined && /^0*[01](px)?$/.test(value.trim());
  const styled = (name: string) =>
    new RegExp(`(?:^|;|\\s)${name}\\s*:\\s*[01](?:px)?\\s*(?:;|$)`, 'i').test(style);
  return (isTiny(width) && isTiny(height)) || (styled('width') && styled('height'));
}
