import { eventually } from '@infratraq/engines';
import { Types } from 'mongoose';
import { io } from 'socket.io-client';
import type { TestServer } from './open-test-server.js';

/** A word that is only in what its owner may see. */
export const secretWord = 'quokka';

/** Who owns the planted documents, on project 1 of organisation 1. */
export const owner = 'u-engineer-1';

/** Values for the parameters of paths, by the path's beginning where a name has several meanings. */
export interface PlantedParameters {
  readonly [name: string]: string;
}

const asset = { entity_type: 'assets', entity_id: '1' };

/** Gives one user a document of every kind, each with the secret word, and answers what their paths are made of. */
export async function plantDocuments(server: TestServer): Promise<PlantedParameters> {
  const [own, operator] = [await server.as(owner, 'member'), await server.as('u-operator-1', 'operator')];
  await server.postgres.pool.query(`update assets set tag = $1 where asset_id = 1`, [secretWord]);
  const said = await expectDone<{ thread: { thread_id: string }; comment: { comment_id: string } }>(
    own('POST', '/entities/assets/1/comments', { body: `${secretWord}, @u-engineer-1` }),
  );
  const form = new FormData();
  form.set('file', new File([secretWord], `${secretWord}.txt`));
  const authorization = `Bearer ${await server.tokenOf(owner, ['member'])}`;
  const file = await expectDone<{ file_id: string }>(
    server.call('/api/v1/entities/assets/1/attachments', {
      method: 'POST',
      body: form,
      headers: { authorization },
    }),
  );
  const channel = await expectDone<{ channel_id: string }>(
    own('POST', '/channels', { kind: 'group', title: secretWord, members: ['u-engineer-3'] }),
  );
  const message_id = await plantMessage(server, channel.channel_id, file.file_id);
  const email_id = await plantEmail(server);
  await expectDone(own('PUT', '/favorites', { kind: 'pinned', ...asset, title: secretWord }));
  const alert = await expectDone<{ id: string }>(
    own('POST', '/alerts/configs', {
      name: secretWord,
      kind: 'entity',
      ...asset,
      field: 'kind',
      condition: { operator: 'changed' },
      channels: ['in_app'],
    }),
  );
  const layout = await expectDone<{ layout_id: string }>(
    own('PUT', '/dashboards/main/layout', {
      version: 0,
      layout: { name: secretWord, widgets: [] },
    }),
  );
  await expectDone(
    operator('POST', '/notifications', {
      to: { users: [owner, 'u-engineer-2'] },
      type: 'comment.added',
      data: { ...asset, thread_id: 't', comment_id: 'c', author_id: 'u-x', excerpt: secretWord },
      entity: asset,
    }),
  );
  const { body: inbox } = await eventually(
    () => own<{ items: { id: string; body: string }[] }>('GET', '/notifications'),
    ({ body }) => body.items.some((item) => item.body.includes(secretWord)),
  );
  const item = inbox.items.find(({ body }) => body.includes(secretWord))!;
  await eventually(
    () => own<{ items: unknown[] }>('GET', `/search/suggest?q=${secretWord}`),
    ({ body }) => body.items.length > 0,
  );
  return {
    'type of /entities': 'assets',
    'id of /entities': '1',
    'id of /channels': channel.channel_id,
    'id of /alerts': alert.id,
    'id of /dashboards': 'main',
    'id of /notifications': item.id,
    'id of /organisations': 'transport-authority',
    'type of /reports': 'project_costs',
    'user of /channels': 'u-engineer-3',
    'user of /access': owner,
    thread_id: said.thread.thread_id,
    comment_id: said.comment.comment_id,
    file_id: file.file_id,
    email_id,
    message_id,
    layout_id: layout.layout_id,
    scope: 'project:1',
    name: 'chat_message',
    metric: 'requests',
    place: '0',
    device_id: '1',
    table: 'assets',
    column: 'tag',
    field: 'tag',
    upload_id: 'none',
    'id of /audit': 'none',
    'type of /audit': 'assets',
    'id of /dead-letters': new Types.ObjectId().toHexString(),
    'id of deliveries': new Types.ObjectId().toHexString(),
    'type of /notifications': 'comment.added',
  };
}

async function plantEmail({ mongo }: TestServer): Promise<string> {
  const at = new Date();
  const { insertedId } = await mongo.collection('email_communication').insertOne({
    message_id: 'planted@site.example',
    direction: 'inbound',
    state: 'received',
    mailbox: 'projects@infratraq.example',
    from: { address: 'inspector@site.example' },
    to: [],
    participants: ['inspector@site.example'],
    subject: secretWord,
    text_body: secretWord,
    thread_id: 'planted@site.example',
    size_bytes: 10,
    malformed: false,
    occurred_at: at,
    ...asset,
  });
  return String(insertedId);
}

async function plantMessage(server: TestServer, channel: string, file_id: string): Promise<string> {
  const socket = io(new URL('/chat', server.url).href, {
    auth: { token: await server.tokenOf(owner, ['member']) },
    forceNew: true,
  });
  const attachment = { file_name: 'a.txt', content_type: 'text/plain', size_bytes: 6 };
  const sent = (await socket.timeout(10_000).emitWithAck('message:send', {
    channel,
    client_message_id: 'planted-1',
    body: `${secretWord}, @u-engineer-1 and @u-engineer-2`,
    attachments: [{ attachment_id: file_id, ...attachment }],
    links: [asset],
  })) as { ok: boolean; message_id: string };
  if (!sent.ok) throw new Error(`A message could not be planted: ${JSON.stringify(sent)}`);
  await socket.timeout(10_000).emitWithAck('message:pin', { message_id: sent.message_id, on: true });
  socket.disconnect();
  return sent.message_id;
}

async function expectDone<Body>(answer: Promise<{ status: number; body: unknown }>): Promise<Body> {
  const { status, body } = await answer;
  if (status >= 300) throw new Error(`A document could not be planted: ${status} ${JSON.stringify(body)}`);
  return body as Body;
}
