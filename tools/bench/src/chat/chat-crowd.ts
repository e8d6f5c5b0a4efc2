import { setTimeout as wait } from 'node:timers/promises';
import { io, type Socket } from 'socket.io-client';

/** What a crowd of clients saw of one server. */
export interface CrowdFigures {
  readonly deliveriesPerSecond: number;
  /** Milliseconds from sending to delivery, while as much is sent as the server takes. */
  readonly busy: { readonly p50: number; readonly p99: number };
  /** The same at 20 messages a second. */
  readonly calm: { readonly p50: number; readonly p99: number };
}

const channel = 'bench:crowd';
const sendersAtOnce = 40;
// More than one, so that a server that announces at once has work while it waits for nobody's next message.
const unansweredOfEach = 4;
const connectedAtOnce = 50;
const calmMessagesPerSecond = 20;
const calmSeconds = 10;

/** Connects clients that all hear each message, sends, and measures what arrives. */
export async function measureCrowd(
  port: number,
  { clients, seconds }: { clients: number; seconds: number },
): Promise<CrowdFigures> {
  const latencies: number[] = [];
  const hear = ({ body }: { body: string }) =>
    void latencies.push(performance.now() - Number(body.split(' ')[0]));
  const sockets: Socket[] = [];
  while (sockets.length < clients) {
    const few = Math.min(connectedAtOnce, clients - sockets.length);
    sockets.push(
      ...(await Promise.all(
        Array.from({ length: few }, (_, place) => connect(port, sockets.length + place)),
      )),
    );
  }
  for (const socket of sockets) socket.on('message:created', hear);

  let turn = 0;
  const send = (socket: Socket) =>
    socket.timeout(30_000).emitWithAck('message:send', {
      channel,
      client_message_id: `c-${(turn += 1)}`,
      body: `${performance.now()} ${'x'.repeat(100)}`,
    });
  const flood = async (milliseconds: number) => {
    const end = performance.now() + milliseconds;
    const keepSending = async (socket: Socket) => {
      while (performance.now() < end) await send(socket);
    };
    const senders = sockets.slice(0, sendersAtOnce);
    await Promise.all(
      senders.flatMap((socket) => Array.from({ length: unansweredOfEach }, () => keepSending(socket))),
    );
  };
  await flood(1_000);
  latencies.length = 0;
  const begun = performance.now();
  await flood(seconds * 1_000);
  const elapsed = (performance.now() - begun) / 1_000;
  const deliveriesPerSecond = latencies.length / elapsed;
  const busy = percentilesOf(latencies);

  await wait(500);
  latencies.length = 0;
  const answers: Promise<unknown>[] = [];
  for (let sent = 0; sent < calmSeconds * calmMessagesPerSecond; sent += 1) {
    answers.push(send(sockets[sent % sockets.length] as Socket));
    await wait(1_000 / calmMessagesPerSecond);
  }
  await Promise.all(answers);
  await wait(200);
  const calm = percentilesOf(latencies);
  for (const socket of sockets) socket.disconnect();
  return { deliveriesPerSecond, busy, calm };
}

async function connect(port: number, place: number): Promise<Socket> {
  const socket = io(`http://127.0.0.1:${port}/chat`, {
    auth: { token: `user-${place}` },
    transports: ['websocket'],
    forceNew: true,
  });
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('connect_error', reject);
  });
  await socket.emitWithAck('channel:join', { channel });
  return socket;
}

function percentilesOf(values: readonly number[]): { p50: number; p99: number } {
  const sorted = Float64Array.from(values).sort();
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
  return { p50: at(0.5), p99: at(0.99) };
}
