import { awaitHttp } from '../await-http.js';
import { startEngineProcess } from '../engine-process.js';
import { pickFreePort } from '../pick-free-port.js';
import { mailpit } from './go-programs.js';
import { provideGoProgram } from './provide-go-program.js';

/** A running mail server that takes every mail, delivers none, and shows over HTTP what arrived. */
export interface Mailpit {
  /** As nodemailer and SMTP_URL take it; any user and password, or none. */
  readonly smtpUrl: string;
  /** Its HTTP API: `GET /api/v1/messages`, `GET /api/v1/message/ID/raw`, `PUT /api/v1/chaos` to refuse mail. */
  readonly url: string;
  stop(): Promise<void>;
}

/**
 * Starts mailpit on loopback with an empty mailbox.
 *
 * @throws EngineUnavailableError `engine.unavailable` when it can't be had, `engine.start-failed` when it ends at once.
 */
export async function startMailpit(
  { smtpPort: wanted }: { readonly smtpPort?: number } = {},
  log: (line: string) => void = () => undefined,
): Promise<Mailpit> {
  const command = await provideGoProgram(mailpit, log);
  const [smtpPort, httpPort] = [wanted ?? (await pickFreePort()), await pickFreePort()];
  const server = await startEngineProcess({
    name: 'mailpit',
    command,
    arguments: [
      '--smtp',
      `127.0.0.1:${smtpPort}`,
      '--listen',
      `127.0.0.1:${httpPort}`,
      '--smtp-auth-accept-any',
      '--smtp-auth-allow-insecure',
      '--smtp-disable-rdns',
      '--disable-version-check',
      '--enable-chaos',
    ],
    stopSignal: 'SIGTERM',
    log,
  });
  const url = `http://127.0.0.1:${httpPort}`;
  await awaitHttp('mailpit', server, `${url}/readyz`);
  return { smtpUrl: `smtp://127.0.0.1:${smtpPort}`, url, stop: server.stop };
}
