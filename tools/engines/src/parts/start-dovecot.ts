import { execFile } from 'node:child_process';
import { access, chmod, chown, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { connect as connectTls } from 'node:tls';
import { promisify } from 'node:util';
import { findOnPath } from '../cache-directory.js';
import { startEngineProcess } from '../engine-process.js';
import { EngineUnavailableError } from '../engine-unavailable-error.js';
import { pickFreePort } from '../pick-free-port.js';

/** How connections to dovecot are encrypted: from their first byte, or once the client has asked for it. */
export type DovecotEncryption = 'implicit' | 'starttls';

/** What dovecot is started with. */
export interface StartDovecotOptions {
  /** Holds its configuration, certificate and mail. */
  readonly folder: string;
  /** A free port when absent. */
  readonly port?: number;
  /** None when absent. The certificate is made in the folder, for `encryptedHost` alone. */
  readonly encryption?: DovecotEncryption;
}

/** A running IMAP server with one user. */
export interface Dovecot {
  /** As IMAP_URL takes it, its inbox included. */
  readonly url: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  /** The authority of its certificate, as PEM; absent without encryption. */
  readonly certificate?: string;
  stop(): Promise<void>;
  /** Ends it with SIGKILL, as a crash would; its mail stays in the folder. */
  kill(): Promise<void>;
}

// Debian's account for mail: dovecot serves no mail as root.
const mailAccount = { uid: 8, gid: 8 };

// An address of this machine that clients do not take for it, so that they insist on encryption.
const encryptedHost = '127.0.0.2';

/**
 * Starts dovecot (Debian: dovecot-imapd, 2.3) on loopback; its mail is kept in the folder.
 *
 * @throws EngineUnavailableError `engine.unavailable` when it isn't installed, `engine.start-failed` when it ends at once.
 */
export async function startDovecot(
  { folder, port: wanted, encryption }: StartDovecotOptions,
  log: (line: string) => void = () => undefined,
): Promise<Dovecot> {
  const path = `${process.env['PATH']}:/usr/sbin`;
  const command = await findOnPath('dovecot', { ...process.env, PATH: path });
  if (!command)
    throw new EngineUnavailableError('engine.unavailable', 'dovecot is not installed; Debian: dovecot-imapd');
  const port = wanted ?? (await pickFreePort());
  const [user, password] = ['inbox', 'inbox-password'];
  const passwords = `${user}:{PLAIN}${password}::::::\n`;
  const configuration = await writeConfiguration(folder, port, passwords, encryption);
  const server = await startEngineProcess({
    name: 'dovecot',
    command,
    arguments: ['-F', '-c', configuration],
    stopSignal: 'SIGTERM',
    log,
  });
  while (!(await greets(port, encryption === 'implicit'))) {
    if (server.hasExited())
      throw new EngineUnavailableError('engine.start-failed', `dovecot ended:\n${server.output()}`);
    await wait(50);
  }
  const { stop, kill } = server;
  const place = (host: string) => `${user}:${password}@${host}:${port}/INBOX`;
  if (!encryption) return { url: `imap://${place('127.0.0.1')}`, port, user, password, stop, kill };
  const url = `${encryption === 'implicit' ? 'imaps' : 'imap'}://${place(encryptedHost)}`;
  const certificate = await readFile(join(folder, 'certificate.pem'), 'utf8');
  return { url, port, user, password, certificate, stop, kill };
}

async function writeConfiguration(
  folder: string,
  port: number,
  passwords: string,
  encryption: DovecotEncryption | undefined,
): Promise<string> {
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
    `listen = 127.0.0.1, ${encryptedHost}`,
    ...(encryption ? await provideCertificate(folder) : ['ssl = no', 'disable_plaintext_auth = no']),
    `mail_location = maildir:${mail}/%u`,
    `first_valid_uid = ${account.uid}`,
    // So that a test sees at once what another connection appended, and that a password is wrong.
    'mailbox_idle_check_interval = 1 s',
    'auth_failure_delay = 0',
    ...(isRoot ? [] : [`default_internal_user = ${username}`, `default_login_user = ${username}`]),
    ...(isRoot ? [] : [`default_internal_group = ${group}`]),
    `passdb {\n driver = passwd-file\n args = ${join(folder, 'passwords')}\n}`,
    `userdb {\n driver = static\n args = uid=${account.uid} gid=${account.gid} home=${mail}/%u\n}`,
    `service imap-login {\n${isRoot ? '' : ' chroot =\n'}`,
    ` inet_listener imap {\n  port = ${encryption === 'implicit' ? 0 : port}\n }`,
    ` inet_listener imaps {\n  port = ${encryption === 'implicit' ? port : 0}\n  ssl = yes\n }\n}`,
    // Who has shown a wrong password waits no longer the next time.
    `service anvil {\n${isRoot ? '' : ' chroot =\n'} unix_listener anvil-auth-penalty {\n  mode = 0\n }\n}`,
    '',
  ];
  const configuration = join(folder, 'dovecot.conf');
  await writeFile(configuration, lines.join('\n'));
  return configuration;
}

/** Makes a certificate that nobody has signed but itself, once, and answers the settings that use it. */
async function provideCertificate(folder: string): Promise<string[]> {
  const [certificate, key] = [join(folder, 'certificate.pem'), join(folder, 'key.pem')];
  const subject = ['-subj', '/CN=dovecot', '-addext', `subjectAltName=IP:${encryptedHost}`];
  const output = ['-keyout', key, '-out', certificate, '-days', '2'];
  const isThere = await access(key).then(
    () => true,
    () => false,
  );
  if (!isThere)
    await promisify(execFile)('openssl', [
      'req',
      '-x509',
      '-newkey',
      'rsa:2048',
      '-nodes',
      ...subject,
      ...output,
    ]);
  return ['ssl = required', `ssl_cert = <${certificate}`, `ssl_key = <${key}`];
}

function greets(port: number, isEncrypted: boolean): Promise<boolean> {
  return new Promise((resolve) => {
    const host = encryptedHost;
    const socket = isEncrypted ? connectTls({ port, host, rejectUnauthorized: false }) : connect(port, host);
    socket.on('error', () => resolve(false));
    socket.once('close', () => resolve(false));
    socket.once('data', (greeting) => {
      resolve(greeting.toString().startsWith('* OK'));
      socket.destroy();
    });
  });
}
