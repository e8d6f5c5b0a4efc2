import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { startRedis, type Redis as RedisServer } from '@infratraq/engines';
import { Redis } from 'ioredis';
import { readWithoutHoles } from './read-without-holes.js';

let server: RedisServer;
let writer: Redis;
let reader: Redis;
let holes = 0;
beforeAll(async () => {
  server = await startRedis();
  writer = new Redis(server.url);
  reader = new Redis(server.url, { maxRetriesPerRequest: null, autoResendUnfulfilledCommands: false });
  readWithoutHoles(reader, () => (holes += 1));
});
afterAll(async () => {
  for (const one of [writer, reader]) one.disconnect();
  await server.stop();
});

const write = async (...texts: string[]) => {
  for (const text of texts) await writer.xadd('stream', '*', 'text', text);
};
/** Reads as the adapter does that has read nothing yet: what comes after the question. */
const read = async () => {
  const reply = await reader.xread('COUNT', 3, 'BLOCK', 10, 'STREAMS', 'stream', '$');
  return (reply?.[0]?.[1] ?? []).map(([, [, text]]) => text);
};

it('reads what was written between two questions, and nothing twice', async () => {
  await write('before');
  expect(await read()).toEqual([]);
  await write('a', 'b', 'c', 'd');
  expect([await read(), await read(), await read()]).toEqual([['a', 'b', 'c'], ['d'], []]);
  expect(holes).toBe(0);
});

it('tells that the stream was trimmed before it was read', async () => {
  await write('e', 'f', 'g', 'h', 'i', 'j');
  await writer.xtrim('stream', 'MAXLEN', 3);
  expect(await read()).toEqual(['h', 'i', 'j']);
  expect(holes).toBe(1);
});

it('tells that the connection was lost, and reads on in a Redis that has come back empty', async () => {
  const lost = read();
  reader.disconnect(true);
  await expect(lost).rejects.toThrow('was lost');
  await write('k');
  expect(await read()).toEqual(['k']);
  expect(holes).toBe(2);
  const { port } = new URL(server.url);
  await server.kill();
  server = await startRedis({ port: Number(port) });
  await write('l');
  expect(await read()).toEqual(['l']);
  expect(holes).toBe(3);
});
