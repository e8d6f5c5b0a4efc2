import { fileTypeFromBuffer } from 'file-type';

/** How much of the beginning decides what a file is. */
export const sniffedBytes = 64 * 1024;

/**
 * Tells what content is by its first bytes, whatever the client or the name say. Text is `text/plain`, also when it
 * reads as HTML, SVG or a script: nobody's browser is to run it. Anything else unknown is `application/octet-stream`.
 */
export async function sniffContent(head: Uint8Array): Promise<string> {
  if (head.length === 0) return 'application/x-empty';
  if (isScript(head)) return 'text/x-script';
  const known = await fileTypeFromBuffer(head);
  if (known && !/xml/.test(known.mime)) return known.mime;
  return isText(head) ? 'text/plain' : 'application/octet-stream';
}

function isScript(head: Uint8Array): boolean {
  return head[0] === 0x23 && head[1] === 0x21;
}

function isText(head: Uint8Array): boolean {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(head, { stream: true });
    return !/[\0-\x08\x0e-\x1a\x1c-\x1f]/.test(text);
  } catch {
    return false;
  }
}
