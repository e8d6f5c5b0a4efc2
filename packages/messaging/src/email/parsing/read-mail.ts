import { tidyFileName } from '@infratraq/kernel';
import { simpleParser, type AddressObject, type ParsedMail } from 'mailparser';
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import type { EmailAddress } from '../../collections/email-communication-parts.js';
import {
  cleanLine,
  cleanText,
  decodeJapanese,
  MailHeaders,
  readMessageId,
  readMessageIds,
} from './mail-headers.js';
import { mailLimits } from './mail-limits.js';
import { nameFile } from './name-file.js';
import { isTooComplex, sanitiseHtml } from './sanitise-html.js';

/** A file of a mail, decoded. */
export interface MailFile {
  readonly file_name: string;
  readonly content_type: string;
  readonly content_id?: string;
  readonly inline: boolean;
  readonly content: Buffer;
  /** Hexadecimal SHA-256. */
  readonly sha256: string;
}

/** Readable parts of a mail, and its defects. */
export interface ReadMail {
  readonly message_id: string | undefined;
  readonly headers: MailHeaders;
  readonly from: EmailAddress | undefined;
  readonly to: EmailAddress[];
  readonly cc: EmailAddress[];
  readonly bcc: EmailAddress[];
  readonly reply_to: EmailAddress[];
  readonly subject: string;
  readonly text: string;
  /** Sanitised. */
  readonly html: string;
  readonly is_truncated: boolean;
  readonly header_date: Date | undefined;
  readonly in_reply_to: string | undefined;
  readonly references: string[];
  readonly files: readonly MailFile[];
  readonly defects: readonly string[];
  /** Set if reading the mail broke a limit: at most its header was read. */
  readonly fault?: MailFault;
}

/** The limit that a mail broke, by the code of its error. */
export interface MailFault {
  readonly code: string;
  readonly message: string;
}

/** How much of a mail is read. */
export type MailPart = 'whole' | 'header';

const pieceBytes = 64 * 1024;

const parserOptions = {
  skipTextToHtml: true,
  skipTextLinks: true,
  skipImageLinks: true,
  keepDeliveryStatus: true,
  maxHtmlLengthToParse: mailLimits.htmlCharacters,
};

/**
 * Reads any mail, however broken. Of a mail that the parser refuses (too many parts, an endless header), at least the
 * header is read. It never throws, and its time is bounded. For a mail above the size limit, `raw` may be its beginning.
 */
export async function readMail(
  raw: Buffer,
  sizeBytes = raw.length,
  part: MailPart = 'whole',
): Promise<ReadMail> {
  const defects = new Set<string>();
  if (raw.length === 0) defects.add('empty');
  const isTooLarge = sizeBytes > mailLimits.rawBytes;
  if (isTooLarge) defects.add('too-large');
  const isWhole = part === 'whole' && !isTooLarge;
  const parsed = (isWhole ? await parse(raw, defects) : undefined) ?? (await parse(headerOf(raw), defects));
  return interpret(parsed, raw, defects);
}

async function parse(raw: Buffer, defects: Set<string>): Promise<ParsedMail | undefined> {
  try {
    return await simpleParser(Readable.from(cut(raw), { objectMode: false }), parserOptions);
  } catch (error) {
    defects.add('unreadable');
    if (error instanceof Error) defects.add(`parser: ${cleanText(error.message, 200)}`);
    return undefined;
  }
}

/** Pieces of a mail: the parser copies what it is given at once. */
function* cut(raw: Buffer): Generator<Buffer> {
  for (let at = 0; at < raw.length; at += pieceBytes) yield raw.subarray(at, at + pieceBytes);
}

/** The header alone, cut at its limit, without the lines that describe the body. */
function headerOf(raw: Buffer): Buffer {
  const head = raw.subarray(0, mailLimits.headerBytes).toString('latin1');
  const end = /\r?\n\r?\n/.exec(head)?.index ?? head.length;
  const lines = head.slice(0, end).split(/\r?\n(?![ \t])/);
  const plain = lines
    .filter((line) => line.length <= mailLimits.headerCharacters && !/^content-/i.test(line))
    .slice(0, mailLimits.headers);
  return Buffer.from(`${plain.join('\r\n')}\r\n\r\n`, 'latin1');
}

function interpret(parsed: ParsedMail | undefined, raw: Buffer, defects: Set<string>): ReadMail {
  const headers = MailHeaders.ofLines(parsed?.headerLines ?? []);
  const message_id = readMessageId(headers.first('message-id'));
  if (message_id === undefined)
    defects.add(headers.first('message-id') ? 'message-id-invalid' : 'message-id-missing');
  for (const name of ['message-id', 'from', 'subject', 'date'])
    if (headers.all(name).length > 1) defects.add(`${name}-repeated`);
  if (!headers.first('from')) defects.add('from-missing');
  if ((parsed?.headerLines.length ?? 0) > mailLimits.headers) defects.add('headers-too-many');
  if (raw.includes(0)) defects.add('nul-bytes');
  if (hasMixedLineEnds(raw)) defects.add('line-ends-mixed');

  const given = decodeJapanese(parsed?.subject ?? '');
  const subject = cleanLine(given, mailLimits.subjectCharacters);
  if (/=\?[^?\s]+\?[bq]\?/i.test(subject) || subject.includes('\ufffd')) defects.add('subject-undecodable');
  const text = decodeJapanese(parsed?.text ?? '');
  const markup = decodeJapanese(typeof parsed?.html === 'string' ? parsed.html : '');
  const isComplex = isTooComplex(markup.slice(0, mailLimits.htmlCharacters));
  if (isComplex) defects.add('html-too-complex');
  const html = isComplex ? '' : markup;
  if (text.includes('\ufffd') || html.includes('\ufffd')) defects.add('text-undecodable');
  const is_truncated =
    text.length > mailLimits.textCharacters ||
    markup.length > mailLimits.htmlCharacters ||
    given.length > mailLimits.subjectCharacters;
  const from = listAddresses(parsed?.from)[0];
  if (headers.first('from') && !from) defects.add('from-invalid');
  const attachments = parsed?.attachments ?? [];
  if (attachments.length > mailLimits.files) defects.add('files-too-many');
  const files = attachments.slice(0, mailLimits.files).map((file, place) => {
    const name = tidyFileName(file.filename ?? '');
    if (file.filename !== undefined && name !== file.filename) defects.add('file-name-changed');
    // Files in it can be had with a program that opens Outlook's containers.
    if (isOutlookContainer(file)) defects.add('winmail-unopened');
    const content_id = file.cid && cleanText(file.cid, mailLimits.messageIdCharacters);
    return {
      file_name: name || nameFile(file, place + 1),
      content_type: readType(file.contentType),
      ...(content_id && { content_id }),
      inline: file.related === true || file.contentDisposition === 'inline',
      content: file.content,
      sha256: createHash('sha256').update(file.content).digest('hex'),
    };
  });
  return {
    message_id,
    headers,
    from,
    subject,
    is_truncated,
    files,
    to: listAddresses(parsed?.to),
    cc: listAddresses(parsed?.cc),
    bcc: listAddresses(parsed?.bcc),
    reply_to: listAddresses(parsed?.replyTo),
    text: cleanText(text, mailLimits.textCharacters),
    html: html && sanitiseHtml(html.slice(0, mailLimits.htmlCharacters)),
    header_date: readDate(headers.first('date'), defects),
    in_reply_to: readMessageIds(headers.first('in-reply-to'))[0],
    references: readMessageIds(headers.all('references').join(' ')),
    defects: [...defects],
  };
}

function listAddresses(given: AddressObject | AddressObject[] | undefined): EmailAddress[] {
  const fields = given === undefined ? [] : [given].flat();
  return fields
    .flatMap(({ value }) => value.flatMap((entry) => entry.group ?? [entry]))
    .map(({ address = '', name = '' }) => ({
      address: cleanText(address, mailLimits.addressCharacters).toLowerCase(),
      name: cleanLine(decodeJapanese(name), mailLimits.nameCharacters),
    }))
    .filter(({ address }) => /^\S+@\S+$/.test(address))
    .slice(0, mailLimits.addressesPerField)
    .map(({ address, name }) => ({ address, ...(name && { name }) }));
}

// For an unreadable date, the parser answers the present time.
function readDate(value: string, defects: Set<string>): Date | undefined {
  const date = new Date(value.replace(/\s*\([^()]*\)\s*$/, ''));
  const year = date.getUTCFullYear();
  if (year >= 1970 && year <= 9999) return date;
  defects.add(value ? 'date-invalid' : 'date-missing');
  return undefined;
}

function isOutlookContainer({
  contentType,
  filename,
}: {
  contentType: string;
  filename?: string | undefined;
}) {
  return /^application\/(vnd\.)?ms-tnef$/i.test(contentType) || filename?.toLowerCase() === 'winmail.dat';
}

function readType(given: string | undefined): string {
  const type = (given ?? '').toLowerCase();
  return /^[\w.+-]{1,100}\/[\w.+-]{1,100}$/.test(type) ? type : 'application/octet-stream';
}

/** Whether lines end in more than one way, which servers read differently from one another. */
function hasMixedLineEnds(raw: Buffer): boolean {
  let [withReturn, bare] = [false, false];
  for (let at = raw.indexOf(10); at !== -1; at = raw.indexOf(10, at + 1)) {
    if (raw[at - 1] === 13) withReturn = true;
    else bare = true;
    if (withReturn && bare) return true;
  }
  return false;
}
