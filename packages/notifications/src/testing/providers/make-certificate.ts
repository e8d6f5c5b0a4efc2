import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';

/** A certificate that signs itself, with its key; both PEM. */
export interface Certificate {
  readonly key: string;
  readonly cert: string;
}

const dayMilliseconds = 86_400_000;

/** Makes a certificate for host names and 127.0.0.1, valid for a day: X.509 as DER, written out. */
export function makeCertificate(names: readonly string[]): Certificate {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const algorithm = sequence(hex('06082a8648ce3d040302')); // ecdsa-with-SHA256
  const commonName = sequence(hex('0603550403'), element(0x0c, Buffer.from(names[0] as string)));
  const name = sequence(element(0x31, commonName));
  const validity = sequence(time(-dayMilliseconds), time(dayMilliseconds));
  const alternatives = sequence(
    ...names.map((host) => element(0x82, Buffer.from(host))),
    element(0x87, Buffer.from([127, 0, 0, 1])),
  );
  const extensions = sequence(
    sequence(hex('0603551d11'), element(0x04, alternatives)),
    sequence(hex('0603551d13'), element(0x04, sequence(hex('0101ff')))), // a certificate authority
  );
  const content = sequence(
    hex('a003020102'), // version 3
    element(0x02, Buffer.concat([Buffer.from([1]), randomBytes(8)])),
    algorithm,
    name,
    validity,
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    element(0xa3, extensions),
  );
  const signature = element(0x03, Buffer.concat([Buffer.from([0]), sign('sha256', content, privateKey)]));
  const base64 = sequence(content, algorithm, signature).toString('base64').replace(/.{64}/g, '$&\n');
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
    cert: `-----BEGIN CERTIFICATE-----\n${base64}\n-----END CERTIFICATE-----\n`,
  };
}

function element(tag: number, content: Buffer): Buffer {
  const { length } = content;
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return element(0x30, Buffer.concat(parts));
}

function time(fromNow: number): Buffer {
  const text = new Date(Date.now() + fromNow).toISOString().replace(/[-:T]|\.\d+/g, '');
  return element(0x18, Buffer.from(text));
}

function hex(text: string): Buffer {
  return Buffer.from(text, 'hex');
}
