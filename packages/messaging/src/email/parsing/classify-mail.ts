import type { AutomaticKind } from '../../collections/email-communication.js';
import type { MailHeaders } from './mail-headers.js';
import { mailLimits } from './mail-limits.js';

/** Facts about a mail besides its header. */
export interface MailFacts {
  readonly fromAddress: string | undefined;
  /** Addresses of the mailboxes here. */
  readonly mailboxes: readonly string[];
  /** A mail with this Message-ID was sent from here. */
  readonly isOurs: boolean;
}

/**
 * Classifies mails that no person wrote (RFC 3834); undefined for all others: bounces, spam reports, own mail that
 * returned, automatic replies, mailing lists.
 */
export function classifyMail(headers: MailHeaders, facts: MailFacts): AutomaticKind | undefined {
  if (isReport(headers, 'delivery-status') || isReturned(headers, facts)) return 'bounce';
  if (isReport(headers, 'feedback-report')) return 'complaint';
  if (isLoop(headers, facts)) return 'loop';
  if (isAutoReply(headers)) return 'auto_reply';
  return isMailingList(headers) ? 'mailing_list' : undefined;
}

function isReport(headers: MailHeaders, kind: 'delivery-status' | 'feedback-report'): boolean {
  const type = headers.first('content-type').toLowerCase();
  return type.startsWith('multipart/report') && new RegExp(`report-type="?${kind}`).test(type);
}

function isReturned(headers: MailHeaders, { fromAddress = '' }: MailFacts): boolean {
  if (headers.first('x-failed-recipients')) return true;
  return hasEmptyReturnPath(headers) && /^(mailer-daemon|postmaster)@/i.test(fromAddress);
}

function isLoop(headers: MailHeaders, { fromAddress, mailboxes, isOurs }: MailFacts): boolean {
  const ours = mailboxes.map((mailbox) => mailbox.toLowerCase());
  const wentRound = [...headers.all('x-loop'), ...headers.all('x-infratraq-loop')];
  return (
    isOurs ||
    wentRound.some((value) => ours.some((mailbox) => value.toLowerCase().includes(mailbox))) ||
    (fromAddress !== undefined && ours.includes(fromAddress)) ||
    headers.all('received').length > mailLimits.hops
  );
}

function isAutoReply(headers: MailHeaders): boolean {
  const submitted = headers.first('auto-submitted').toLowerCase();
  if (submitted && !submitted.startsWith('no')) return true;
  if (/^auto[_-]?reply/i.test(headers.first('precedence'))) return true;
  const marks = ['x-autoreply', 'x-autorespond', 'x-autoresponse', 'x-auto-reply'];
  if (marks.some((name) => headers.first(name) !== '')) return true;
  return hasEmptyReturnPath(headers) && !isMailingList(headers);
}

function isMailingList(headers: MailHeaders): boolean {
  const marks = ['list-id', 'list-post', 'list-unsubscribe', 'mailing-list'];
  return (
    marks.some((name) => headers.first(name) !== '') || /^(bulk|list|junk)/i.test(headers.first('precedence'))
  );
}

function hasEmptyReturnPath(headers: MailHeaders): boolean {
  return headers.all('return-path').some((value) => /^<\s*>$/.test(value));
}
