import { describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { headersOf, mailbox, useEmailHistory } from '../testing/use-email-history.js';

const mails = useEmailHistory();
const newId = () => `${randomUUID()}@mail.example`;

describe('mail that comes in', () => {
  it('is kept once, with its text, its files and the mail as it came', async () => {
    const lines = [
      ...headersOf('whole@mail.example', { 'Content-Type': 'multipart/mixed; boundary=b' }),
      '',
      '--b',
      'Content-Type: text/plain; charset=utf-8',
      '',
      'Zustand: größer als gedacht',
      '--b',
      'Content-Type: image/png; name="span.png"',
      'Content-Transfer-Encoding: base64',
      'Content-Disposition: attachment',
      '',
      'iVBORw0KGgo=',
      '--b--',
      '',
    ];
    const kept = await mails.receive(...lines);
    expect(kept).toMatchObject({
      is_new: true,
      malformed: false,
      state: 'received',
      subject: 'Inspection of span 4',
      from: { address: 'inspector@site.example', name: 'Site Inspector' },
      participants: ['inspector@site.example', mailbox],
      text_body: expect.stringContaining('größer'),
      attachments: [{ file_name: 'span.png', content_type: 'image/png', size_bytes: 8, inline: false }],
    });
    const raw = await mails.objects.get(kept.raw_object_key ?? '');
    expect((await buffer(raw.body)).toString()).toBe(lines.join('\r\n'));
    const before = await mails.inventory();
    // Another server passed it on as well, and wrote so into its header.
    expect(await mails.receive(...lines)).toMatchObject({ _id: kept._id, is_new: false });
    expect(await mails.receive('Received: from elsewhere', ...lines)).toMatchObject({ is_new: false });
    expect(await mails.inventory()).toEqual(before);
  });

  it('is kept once also when it comes by several ways at the same moment', async () => {
    const lines = [...headersOf(newId()), '', 'hello'];
    const kept = await Promise.all([1, 2, 3, 4].map(() => mails.receive(...lines)));
    expect(new Set(kept.map(({ _id }) => _id.toHexString())).size).toBe(1);
  });

  it('shows no script, loads nothing from elsewhere, and keeps the images that it brings', async () => {
    const html =
      '<script>x()</script><p onclick="x()" style="background:url(http://t.example/a);color:red">a</p>' +
      '<img src="cid:logo"><img src="https://t.example/photo.png"><img src="//t.example/b">' +
      '<img src="http://t.example/pixel" width="1" height="1"><a href="javascript:x()">b</a>' +
      '<a href="https://c.example">c</a><form action="/x"><input></form><iframe src="x"></iframe>';
    const kept = await mails.receive(...headersOf(newId(), { 'Content-Type': 'text/html' }), '', html);
    expect(kept.html_body).toBe(
      '<p style="color:red">a</p><img src="cid:logo" /><img data-remote-src="https://t.example/photo.png" />' +
        '<a rel="noopener noreferrer nofollow" target="_blank">b</a>' +
        '<a href="https://c.example" rel="noopener noreferrer nofollow" target="_blank">c</a>',
    );
  });
});

describe('the entity of a mail', () => {
  it.each([
    ['To', 'Inbox <inbox+projects.42@infratraq.example>'],
    ['Cc', 'INBOX+projects.42@Infratraq.example'],
    ['Delivered-To', 'inbox+projects.42@infratraq.example'],
  ])('is the one of the plus-address in %s', async (name, value) => {
    const kept = await mails.receive(...headersOf(newId(), { [name]: value }), '', 'hello');
    expect(kept).toMatchObject({ entity_type: 'projects', entity_id: '42', matched_by: 'plus_address' });
  });

  it('is the one of the token in its subject, which nobody else can make', async () => {
    const token = mails.history.addressing.tokenOf({ entity_type: 'work_orders', entity_id: '7' }) ?? '';
    const subject = `AW: Re: Culvert ${token}`;
    const kept = await mails.receive(...headersOf(newId(), { Subject: subject }), '', 'hello');
    expect(kept).toMatchObject({ entity_type: 'work_orders', entity_id: '7', matched_by: 'reference_token' });
    const forged = await mails.receive(
      ...headersOf(newId(), { Subject: subject.replace('work_orders.7', 'work_orders.8') }),
      '',
      'hello',
    );
    expect(forged.entity_id).toBeUndefined();
  });

  it('is the one of its conversation, otherwise', async () => {
    const [first, second] = [newId(), newId()];
    await mails.receive(...headersOf(first, { To: 'inbox+projects.9@infratraq.example' }), '', 'hello');
    const answer = await mails.receive(...headersOf(second, { 'In-Reply-To': `<${first}>` }), '', 'yes');
    expect(answer).toMatchObject({ thread_id: first, entity_id: '9', matched_by: 'thread' });
    const { items } = await mails.history.listOfEntity(
      { entity_type: 'projects', entity_id: '9' },
      { limit: 10 },
    );
    expect(items).toHaveLength(2);
  });
});

describe('a conversation', () => {
  const conversationOf = async (id: string) =>
    (await mails.history.listConversation(id, { limit: 100 }, 'everything')).items
      .map(({ message_id }) => message_id)
      .sort();

  it('is found by whichever header names it, in whatever order its mails arrive', async () => {
    const [root, second, third, fourth] = [newId(), newId(), newId(), newId()];
    const all = [
      [...headersOf(root), '', 'one'],
      [...headersOf(second, { 'In-Reply-To': `<${root}>` }), '', 'two'],
      // Knows only the mail that it answers.
      [...headersOf(third, { 'In-Reply-To': `<${second}>` }), '', 'three'],
      [...headersOf(fourth, { References: `<${root}> <${second}> <${third}>` }), '', 'four'],
    ];
    for (const lines of all.toReversed()) await mails.receive(...lines);
    expect(await conversationOf(root)).toEqual([root, second, third, fourth].sort());
  });

  it('is found when its mails arrive at the same moment, each knowing only the one that it answers', async () => {
    for (let round = 0; round < 6; round += 1) {
      const ids = Array.from({ length: 8 }, newId);
      const lines = ids.map((id, place) => [
        ...headersOf(id, place === 0 ? {} : { 'In-Reply-To': `<${ids[place - 1]}>` }),
        '',
        id,
      ]);
      await Promise.all((round % 2 ? lines.toReversed() : lines).map((mail) => mails.receive(...mail)));
      expect(await conversationOf(ids[0] ?? '')).toEqual(ids.toSorted());
    }
  });

  it('begins with the mail that was sent, and ends in itself where headers go round', async () => {
    const [sent, answer, left, right] = [newId(), newId(), newId(), newId()];
    const entity = { entity_type: 'projects', entity_id: '6' };
    await mails.history.begin({
      message_id: `<${sent}>`,
      from: `InfraTraq <${mailbox}>`,
      to: ['inspector@site.example'],
      subject: 'Please look',
      text: 'at span 4',
      entity,
    });
    const kept = await mails.receive(...headersOf(answer, { 'In-Reply-To': `<${sent}>` }), '', 'done');
    expect(kept).toMatchObject({ thread_id: sent, entity_id: '6', matched_by: 'thread' });
    await mails.receive(...headersOf(left, { 'In-Reply-To': `<${right}>` }), '', 'a');
    await mails.receive(...headersOf(right, { 'In-Reply-To': `<${left}>` }), '', 'b');
    expect(await conversationOf(right)).toEqual([left, right].sort());
  });
});

describe('mail that no person wrote', () => {
  it.each([
    ['auto_reply', { 'Auto-Submitted': 'auto-replied' }],
    ['auto_reply', { Precedence: 'auto_reply' }],
    ['auto_reply', { 'Return-Path': '<>' }],
    ['mailing_list', { 'List-Id': '<bridges.example>' }],
    ['mailing_list', { Precedence: 'bulk' }],
    ['loop', { 'X-Loop': mailbox }],
    ['loop', { From: mailbox }],
    ['bounce', { 'Return-Path': '<>', From: 'MAILER-DAEMON@site.example' }],
    ['complaint', { 'Content-Type': 'multipart/report; report-type=feedback-report; boundary=b' }],
    [undefined, { 'Auto-Submitted': 'no' }],
  ])('is known as %s by %o', async (kind, headers) => {
    const kept = await mails.receive(...headersOf(newId(), headers), '', 'hello');
    expect(kept.automatic_kind).toBe(kind);
  });

  it('is a loop when it is our own mail that comes back, and when it went round for long', async () => {
    const sent = newId();
    await mails.history.begin({ message_id: sent, from: mailbox, to: ['a@b.example'], subject: 'x' });
    expect((await mails.receive(...headersOf(sent), '', 'hello')).automatic_kind).toBe('loop');
    const hops = Array.from({ length: 51 }, (_, hop) => `Received: from hop${hop}.example`);
    expect((await mails.receive(...hops, ...headersOf(newId()), '', 'hello')).automatic_kind).toBe('loop');
  });
});
