import { accessForAllMembers } from '@infratraq/kernel';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createTestDatabases, type TestDatabases } from '@infratraq/engines';
import { connectMongo } from '@infratraq/mongo';
import type { ObjectStore } from '@infratraq/objects';
import { MailAddressing, openMessaging } from './index.js';

const membership = { roleOf: async () => 'member' as const };
const emails = {
  objects: {} as ObjectStore,
  addressing: new MailAddressing({ mailbox: 'inbox@site.example', secret: 'signs references' }),
};
const entity = { entity_type: 'projects', entity_id: '42' };

describe('opening messaging', () => {
  let databases: TestDatabases;
  beforeAll(async () => {
    databases = await createTestDatabases({ mongodb: true, postgres: false });
  });
  afterAll(() => databases.drop());

  const collections = async () => {
    const { connection, close } = await connectMongo({ uri: databases.mongodbUri });
    const found = await connection.listCollections();
    await close();
    return found.map(({ name }) => name).sort();
  };

  it('opens comments alone, then chat and email history, and touches the collections of no other part', async () => {
    const alone = await openMessaging({ access: accessForAllMembers, mongodbUri: databases.mongodbUri });
    await alone.comments.start(entity, { author_id: 'ada', body: 'Is the beam in?' });
    expect(alone).not.toHaveProperty('chat');
    await alone.close();
    expect(await collections()).toEqual(['comment_thread']);

    const { chat, close } = await openMessaging({
      access: accessForAllMembers,
      mongodbUri: databases.mongodbUri,
      membership,
    });
    await chat.send({ channel: 'project:42', sender_id: 'ada', client_message_id: 'c-1', body: 'hello' });
    await close();
    expect(await collections()).toEqual(['chat_message', 'chat_read_state', 'comment_thread']);

    const all = await openMessaging({
      access: accessForAllMembers,
      mongodbUri: databases.mongodbUri,
      membership,
      emails,
    });
    expect((await all.emails.listOfEntity(entity, { limit: 10 })).items).toEqual([]);
    expect((await all.chat.history('project:42', 'ben')).messages).toHaveLength(1);
    await all.close();
  });

  it('works on a connection of the caller, which stays open', async () => {
    const { connection, close } = await connectMongo({ uri: databases.mongodbUri });
    const { comments, close: closeMessaging } = await openMessaging({
      access: accessForAllMembers,
      connection,
    });
    await closeMessaging();
    expect((await comments.list(entity, { limit: 10 })).items).toHaveLength(1);
    await close();
  });
});
