import { chmod, chown, mkdir, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { findOnPath } from './cache-directory.js';
import { startEngineProcess } from './engine-process.js';
import { EngineUnavailableError } from './engine-unavailable-error.js';
import { pickFreePort } from './pick-free-port.js';

/** A running IMAP server with one user. */
export interface Dovecot {
  /** As IMAP_URL takes it, its inbox included. */
  readonly url: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  stop(): Promise<void>;
  /** Ends it with SIGKILL, as a crash would; its mail stays in the folder. */
  kill(): Promise<void>;
}

// Debian's account for mail: dovecot serves no mail as root.
const mailAccount = { uid: 8, gid: 8 };

/**
 * Starts dovecot (Debian: dovecot-imapd, 2.3) on loopback without TLS; its mail is kept in the folder.
 *
 * @throws EngineUnavailableError `engine.unavailable` when it isn't installed, `engine.start-failed` when it ends at once.
 */
export async function startDovecot(
  { folder, port: wanted }: { readonly folder: string; readonly port?: number },
  log: (line: string) => void = () => undefined,
): Promise<Dovecot> {
  const path = `${process.env['PATH']}:/usr/sbin`;
  const command = await findOnPath('dovecot', { ...process.env, PATH: path });
  if (!command)
    throw new EngineUnavailableError('engine.unavailable', 'dovecot is not installed; Debian: dovecot-imapd');
  const port = wanted ?? (await pickFreePort());
  const [user, password] = ['inbox', 'inbox-password'];
  const configuration = await writeConfiguration(folder, port, `${user}:{PLAIN}${password}::::::\n`);
  const server = await startEngineProcess({
    name: 'dovecot',
    command,
    arguments: ['-F', '-c', configuration],
    stopSignal: 'SIGTERM',
    log,
  });
  while (!(await greets(port))) {
    if (server.hasExited())
      throw new EngineUnavailableError('engine.start-failed', `dovecot ended:\n${server.output()}`);
    await wait(50);
  }
  const url = `imap://${user}:${password}@127.0.0.1:${port}/INBOX`;
  return { url, port, user, password, stop: server.stop, kill: server.kill };
}

async function writeConfiguration(folder: string, port: number, passwords: string): Promise<string> {
  const [run, state, mail] = [join(folder, 'run'), join(folder, 'state'), join(folder, 'mail')];
  await rm(run, { recursive: true, force: true });
  for (const part of [run, state, mail]) await mkdir(part, { recursive: true });
  const { uid, gid, username } = userInfo();
  const isRoot = uid === 0;
  const account = isRoot ? mailAccount : { uid, gid };
  if (isRoot) {
    // Below a temporary folder that only root may enter, the account could not reach its mail.
    await chmod(folder, 0o711);
    await chown(mail, account.uid, account.gid);
  }
  await writeFile(join(folder, 'passwords'), passwords);
  const group = `group/${gid}`;
  const lines = [
    `base_dir = ${run}`,
    `state_dir = ${state}`,
    'log_path = /dev/stderr',
    'protocols = imap',
    'listen = 127.0.0.1',
    'ssl = no',
    'disable_plaintext_auth = no',
    `mail_location = maildir:${mail}/%u`,
    `first_valid_uid = ${account.uid}`,
    // So that a test sees at once what another connection appended.
    'mailbox_idle_check_interval = 1 s',
    ...(isRoot ? [] : [`default_internal_user = ${username}`, `default_login_user = ${username}`]),
    ...(isRoot ? [] : [`default_internal_group = ${group}`]),
    `passdb {\n driver = passwd-file\n args = ${join(folder, 'passwords')}\n}`,
    `userdb {\n driver = static\n args = uid=${account.uid} gid=${account.gid} home=${mail}/%u\n}`,
    `service imap-login {\n${isRoot ? '' : ' chroot =\n'} inet_listener imap {\n  port = ${port}\n }`,
    ' inet_listener imaps {\n  port = 0\n }\n}',
    ...(isRoot ? [] : ['service anvil {\n chroot =\n}']),
    '',
  ];
  const configuration = join(folder, 'dovecot.conf');
  await writeFile(configuration, lines.join('\n'));
  return configuration;
}

function greets(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => resolve(false));
    socket.once('close', () => resolve(false));
    socket.once('data', (greeting) => {
      resolve(greeting.toString().startsWith('* OK'));
      socket.destroy();
    });
  });
}
