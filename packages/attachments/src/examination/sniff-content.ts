import { fileTypeFromBuffer } from 'file-type';

/** Number of leading bytes that decide a file's type. */
export const sniffedBytes = 64 * 1024;

/**
 * Detects the type of content from its first bytes, regardless of the client's claim and the file's name. Text is
 * `text/plain`, also HTML, SVG and scripts, so that no browser runs it. Other unknown content is
 * `application/octet-stream`.
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
