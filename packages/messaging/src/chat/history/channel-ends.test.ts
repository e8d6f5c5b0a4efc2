import { beforeEach, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { trusted } from '@infratraq/mongo';
import { useModels } from '@infratraq/testing';
import { ChannelEnds } from './channel-ends.js';
import { ChatMessage, ChatReadState, ChatService } from '../../index.js';

const database = useModels(ChatMessage, ChatReadState);
let channel: string;
let ends: ChannelEnds;

const send = async (count: number) => {
  const chat = new ChatService({ models: database.models, membership: { roleOf: async () => 'member' } });
  for (let turn = 0; turn < count; turn += 1)
    await chat.send({ channel, sender_id: 'ada', client_message_id: randomUUID(), body: 'x' });
};
const remove = (seq: Record<string, number>) =>
  database.models.of(ChatMessage).deleteMany({ channel, seq: trusted(seq) });
const found = async () => [(await ends.first(channel))?.seq, await ends.latestSeq(channel)];

beforeEach(() => {
  channel = `project:${randomUUID()}`;
  ends = new ChannelEnds(database.models);
});

describe('the ends of a channel', () => {
  it('are nowhere before the first message', async () => {
    expect(await found()).toEqual([undefined, 0]);
    await send(1);
    expect(await found()).toEqual([1, 1]);
  });

  it('move with what is sent and with what is cut', async () => {
    await send(4);
    expect(await found()).toEqual([1, 4]);
    await send(2);
    await remove({ $lte: 2 });
    expect(await found()).toEqual([3, 6]);
  });

  it('are found again after the store was set back', async () => {
    await send(5);
    const all = await database.models.of(ChatMessage).find({ channel }).lean();
    await remove({ $lte: 3 });
    expect(await found()).toEqual([4, 5]);
    await database.models.of(ChatMessage).insertMany(all.filter(({ seq }) => seq <= 3));
    expect(await found()).toEqual([1, 5]);
    await remove({ $gte: 4 });
    expect(await found()).toEqual([1, 3]);
    await remove({ $gte: 1 });
    expect(await found()).toEqual([undefined, 0]);
  });
});
