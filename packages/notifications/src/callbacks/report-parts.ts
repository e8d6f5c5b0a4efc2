import { simpleParser, type Attachment, type ParsedMail } from 'mailparser';

const originals = ['message/rfc822', 'text/rfc822-headers', 'message/global', 'message/global-headers'];

const inline = /^Content-Disposition:[ \t]*inline[^\r\n]*(\r?\n[ \t]+[^\r\n]*)*\r?\n/gim;

/** Parses a report. The mail that it is about stays an attachment, even where it is marked as inline. */
export function parseReport(raw: string | Buffer): Promise<ParsedMail> {
  return simpleParser((typeof raw === 'string' ? raw : raw.toString()).replace(inline, ''), {
    keepDeliveryStatus: true,
    skipHtmlToText: true,
    skipTextToHtml: true,
    skipTextLinks: true,
  });
}

/** The `Message-ID` of the reported mail, of which the report has a copy or the headers. */
export function readOriginalId(attachments: readonly Attachment[]): string | undefined {
  const original = attachments.find(({ contentType }) => originals.includes(contentType));
  const [headers = ''] = original?.content.toString().split(/\r?\n\r?\n/) ?? [];
  return /<[^<>\s]+>/.exec(readFields(headers).get('message-id') ?? '')?.[0];
}

/** Header fields by lower-case name, unfolded. */
export function readFields(block: string): Map<string, string> {
  const lines = block.replace(/\r?\n[ \t]+/g, ' ').split(/\r?\n/);
  return new Map(
    lines.flatMap((line) => {
      const [, name, value] = /^([\w-]+):\s*(.*)$/.exec(line) ?? [];
      return name === undefined || value === undefined ? [] : [[name.toLowerCase(), value.trim()] as const];
    }),
  );
}
