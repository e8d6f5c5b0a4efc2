import { ChatClient, createWebOutboxStorage } from '../index.js';

// A client whose unsent messages are in this process's Web Storage. It writes COUNT messages, and waits until they are
// sent; where CRASHES says so, it is gone as soon as the first of them is.
const { CHAT_URL = '', CHANNEL = '', FIRST, COUNT, CRASHES } = process.env;
const client = new ChatClient(CHAT_URL, {
  token: 'ada',
  reconnectMilliseconds: 200,
  outboxStorage: createWebOutboxStorage('ada'),
});
client.on('outbox:failed', ({ error }) => {
  throw error;
});
const left = client.pending(CHANNEL).map(({ body }) => body);
const sent = Array.from({ length: Number(COUNT) }, (_, turn) =>
  client.send({ channel: CHANNEL, body: `${Number(FIRST) + turn}` }),
);
process.send?.({ left });
if (CRASHES) void sent[0]?.then(() => process.kill(process.pid, 'SIGKILL'));
await Promise.all(sent);
client.close();
process.disconnect();
