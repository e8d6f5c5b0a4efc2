import { Parser } from 'htmlparser2';

/** Where a link is to lead instead; undefined leaves it as it is. */
export type ReplaceUrl = (url: string) => string | undefined;

/** Has the links of HTML lead elsewhere, and leaves everything else as it is, byte for byte. */
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

/** Has the web addresses in a text lead elsewhere. */
export function rewriteTextLinks(text: string, replace: ReplaceUrl): string {
  return text.replace(/https?:\/\/[^\s<>"']+/gi, (found) => {
    const url = withoutEnd(found);
    return (replace(url) ?? url) + found.slice(url.length);
  });
}

/** Without the punctuation of the sentence that an address stands in. */
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
