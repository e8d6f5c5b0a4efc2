import { Parser } from 'htmlparser2';

/** Gives the new target of a link; undefined leaves it as it is. */
export type ReplaceUrl = (url: string) => string | undefined;

/** Replaces the links in HTML; everything else stays byte for byte. */
export function rewriteHtmlLinks(html: string, replace: ReplaceUrl): string {
  const parts: string[] = [];
  let kept = 0;
  let tag = '';
  const parser = new Parser({
    onopentagname: (name) => void (tag = name),
    onattribute(name, value) {
      if (name !== 'href' || (tag !== 'a' && tag !== 'area')) return;
      const url = replace(value.trim());
      if (url === undefined) return;
      parts.push(html.slice(kept, parser.startIndex), `href="${escapeAttribute(url)}"`);
      kept = parser.endIndex;
    },
  });
  parser.end(html);
  return [...parts, html.slice(kept)].join('');
}

/** Replaces the web addresses in a text. */
export function rewriteTextLinks(text: string, replace: ReplaceUrl): string {
  return text.replace(/https?:\/\/[^\s<>"']+/gi, (found) => {
    const url = withoutEnd(found);
    return (replace(url) ?? url) + found.slice(url.length);
  });
}

/** Strips the punctuation of the surrounding sentence from an address. */
function withoutEnd(found: string): string {
  let url = found;
  for (;;) {
    const end = url.at(-1) ?? '';
    const opening = { ')': '(', ']': '[', '}': '{' }[end];
    const isPunctuation = opening === undefined ? /[.,;:!?]/.test(end) : !isBalanced(url, opening, end);
    if (!isPunctuation) return url;
    url = url.slice(0, -1);
  }
}

function isBalanced(url: string, opening: string, closing: string): boolean {
  return url.split(opening).length >= url.split(closing).length;
}

function escapeAttribute(url: string): string {
  return url.replaceAll('&', '&amp;').replaceAll('"', '&quot;');
}
