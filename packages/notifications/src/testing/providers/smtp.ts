import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { SMTPServer } from 'smtp-server';
import type { ProviderServer } from './provider-server.js';

/** What a mail server may say to a recipient, besides taking the mail. */
export interface SmtpReply {
  readonly code: number;
  /** With an enhanced status code in front: `5.1.1 No such user`. */
  readonly text: string;
}

/** A mail server that takes mail from one account, or answers as it is told. */
export interface SmtpStandIn extends ProviderServer {
  readonly url: string;
  readonly password: string;
  /** How often somebody has sent a password. */
  logins(): number;
  readonly mails: { readonly from: string; readonly to: string; readonly raw: string }[];
  refusal?: SmtpReply | undefined;
  /** Mails are taken, and their senders told so only after this. */
  hold?: Promise<void> | undefined;
}

/** Starts a mail server. */
export async function startSmtp(): Promise<SmtpStandIn> {
  const [user, password] = ['notices', 'correct-horse-battery'];
  let logins = 0;
  const mails: SmtpStandIn['mails'] = [];
  const refuse = ({ code, text }: SmtpReply) => Object.assign(new Error(text), { responseCode: code });
  const open = () =>
    new SMTPServer({
      authOptional: false,
      disabledCommands: ['STARTTLS'],
      onAuth: (auth, _session, callback) => {
        logins += 1;
        if (auth.username === user && auth.password === password) return callback(null, { user });
        return callback(refuse({ code: 535, text: '5.7.8 Authentication credentials invalid' }));
      },
      onRcptTo: (_address, _session, callback) => callback(standIn.refusal ? refuse(standIn.refusal) : null),
      onData: (stream, session, callback) => {
        const chunks: Buffer[] = [];
        stream.on('data', (chunk: Buffer) => chunks.push(chunk));
        stream.on('end', () => {
          const to = session.envelope.rcptTo[0]?.address ?? '';
          const { mailFrom } = session.envelope;
          const from = mailFrom ? mailFrom.address : '';
          mails.push({ from, to, raw: Buffer.concat(chunks).toString() });
          void Promise.resolve(standIn.hold).then(() => callback(null, '2.0.0 Ok: queued'));
        });
      },
    });
  const sockets = new Set<Socket>();
  let server = open();
  const listen = async (port: number) => {
    server.server.on('connection', (socket: Socket) => {
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
    });
    server.listen(port, '127.0.0.1');
    await once(server.server, 'listening');
    return (server.server.address() as AddressInfo).port;
  };
  const goAway = async () => {
    if (!server.server.listening) return;
    for (const socket of sockets) socket.destroy();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  };
  const port = await listen(0);
  const standIn: SmtpStandIn = {
    port,
    url: `smtp://${user}:${password}@127.0.0.1:${port}`,
    password,
    mails,
    logins: () => logins,
    connections: () => sockets.size,
    goAway,
    async comeBack() {
      server = open();
      await listen(port);
    },
    close: goAway,
  };
  return standIn;
}
