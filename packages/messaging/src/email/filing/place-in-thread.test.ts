import { describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { headersOf, mailbox, useEmailHistory } from '../../testing/use-email-history.js';

const mails = useEmailHistory();
const newId = () => `${randomUUID()}@mail.example`;
const toProject = (id: string) => ({ To: `inbox+projects.${id}@infratraq.example` });
const find = async (id: { _id: { toHexString(): string } }) => mails.history.find(id._id.toHexString());
const conversationOf = async (thread_id: string) =>
  (await mails.history.listConversation(thread_id, { limit: 100 }, 'everything')).items.map(
    ({ message_id }) => message_id,
  );

describe('a stranger who answers private mail to the address of an entity', () => {
  it.each([['In-Reply-To'], ['References']])('brings only the answer there, by %s', async (name) => {
    const [first, second, forged] = [newId(), newId(), newId()];
    const kept = await mails.receive(...headersOf(first), '', 'in confidence');
    const answer = await mails.receive(...headersOf(second, { 'In-Reply-To': `<${first}>` }), '', 'mine too');
    const headers = { ...toProject('42'), [name]: `<${first}> <${second}>` };
    const strange = await mails.receive(...headersOf(forged, headers), '', 'and now all see it');
    expect(strange).toMatchObject({ entity_id: '42', matched_by: 'plus_address', thread_id: forged });
    for (const one of [kept, answer]) {
      expect((await find(one)).entity_id).toBeUndefined();
      expect((await find(one)).thread_id).toBe(first);
    }
    expect(await conversationOf(first)).toEqual([first, second]);
    // The private conversation goes on in private.
    const later = await mails.receive(
      ...headersOf(newId(), { References: `<${first}> <${second}>` }),
      '',
      'still in confidence',
    );
    expect(later.entity_id).toBeUndefined();
    expect(later.thread_id).toBe(first);
  });

  it('does not bring those there that wait for the mail which the answer claims to be', async () => {
    const [root, waiting] = [newId(), newId()];
    const kept = await mails.receive(...headersOf(waiting, { 'In-Reply-To': `<${root}>` }), '', 'private');
    const forged = await mails.receive(...headersOf(root, toProject('43')), '', 'I am the root');
    expect((await find(kept)).entity_id).toBeUndefined();
    expect(await conversationOf(forged.thread_id)).toEqual([root]);
  });

  it('does not join two conversations by claiming to stand between them', async () => {
    const [left, right, between] = [newId(), newId(), newId()];
    await mails.receive(...headersOf(left, toProject('44')), '', 'on 44');
    const kept = await mails.receive(...headersOf(right, { 'In-Reply-To': `<${between}>` }), '', 'private');
    await mails.receive(...headersOf(between, { 'In-Reply-To': `<${left}>` }), '', 'a bridge');
    expect((await find(kept)).entity_id).toBeUndefined();
    expect(await conversationOf(left)).toEqual([left, between]);
  });

  it('does not bring mail of one entity to another one', async () => {
    const first = newId();
    const kept = await mails.receive(...headersOf(first, toProject('45')), '', 'on 45');
    const token = mails.history.addressing.tokenOf({ entity_type: 'projects', entity_id: '46' });
    const headers = { Subject: `x ${token}`, 'In-Reply-To': `<${first}>` };
    const other = await mails.receive(...headersOf(newId(), headers), '', 'on 46');
    expect(other).toMatchObject({ entity_id: '46' });
    expect(other.thread_id).not.toBe(kept.thread_id);
    expect(await find(kept)).toMatchObject({ entity_id: '45', thread_id: first });
  });
});

it('an answer of ours about an entity brings the mail that it answers there, and no other', async () => {
  const [first, second, sent] = [newId(), newId(), newId()];
  const kept = await mails.receive(...headersOf(first), '', 'one');
  const answered = await mails.receive(...headersOf(second, { 'In-Reply-To': `<${first}>` }), '', 'two');
  const entity = { entity_type: 'projects', entity_id: '47' };
  await mails.history.begin({
    message_id: sent,
    from: mailbox,
    to: ['a@b.example'],
    subject: 'x',
    in_reply_to: second,
    entity,
  });
  expect(await find(answered)).toMatchObject({ ...entity, matched_by: 'thread' });
  expect((await find(kept)).entity_id).toBeUndefined();
});
