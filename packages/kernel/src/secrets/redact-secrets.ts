/** Stands where a secret was. */
export const redacted = '[redacted]';

const secretParts = [
  'password',
  'passwd',
  'passphrase',
  'secret',
  'token',
  'apikey',
  'accesskey',
  'privatekey',
  'authorization',
  'credential',
  'cookie',
  'signature',
];
const secretNames = new Set(['pwd', 'pin', 'otp', 'jwt', 'auth', 'sig', 'cvv', 'cvc', 'sessionid', 'p256dh']);

/** Tells whether a field, header or parameter of this name holds a secret, however the name is written. */
export function isSecretName(name: string): boolean {
  const plain = name.toLowerCase().replace(/[^a-z0-9]/g, '');
  return secretNames.has(plain) || secretParts.some((part) => plain.includes(part));
}

// Every repetition is bounded: the text comes from outside, and a backtracking match would block the process.
const pairs =
  /((?:password|passwd|passphrase|pwd|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|authorization|credential|cookie|signature|\bsig)[\w.-]{0,64}(?:\\?["'])?\s{0,8}[:=]\s{0,8}(?:\\?["'])?(?:(?:bearer|basic)\s{1,8})?)([^\s"'\\&,;}]+)/gi;
const bearers = /\b(bearer|basic)\s{1,8}[\w.~+/=-]{8,}/gi;
const webTokens = /\beyJ[\w-]{5,}\.[\w-]{5,}\.[\w-]*/g;

// Most short texts hold nothing that the patterns above could begin with; finding that out is much cheaper.
const mayHoldSecret = /[:=\s]|eyJ/;

/** Replaces what looks like a secret in text of any kind: `token=…`, `Bearer …`, JSON Web Tokens. */
export function redactText(text: string): string {
  if (!mayHoldSecret.test(text)) return text;
  return text.replace(pairs, `$1${redacted}`).replace(bearers, `$1 ${redacted}`).replace(webTokens, redacted);
}

/** Replaces the values of secret fields in JSON, which may be cut off at any place. */
export function redactJson(text: string): string {
  let output = '';
  let copied = 0;
  let place = text.indexOf('"');
  while (place !== -1) {
    const end = endOfString(text, place);
    const colon = skipSpace(text, end);
    const next = text[colon] === ':' && isSecretName(decodeKey(text.slice(place, end)));
    if (next) {
      const start = skipSpace(text, colon + 1);
      output += text.slice(copied, start) + (start < text.length ? `"${redacted}"` : '');
      copied = endOfValue(text, start);
    }
    place = text.indexOf('"', next ? copied : end);
  }
  return redactText(output + text.slice(copied));
}

/** Replaces the values of secret parameters in a query string or a form. */
export function redactForm(text: string): string {
  const parts = text.split('&').map((part) => {
    const equals = part.indexOf('=');
    if (equals === -1) return part;
    return isSecretName(decodeName(part.slice(0, equals))) ? `${part.slice(0, equals)}=${redacted}` : part;
  });
  return redactText(parts.join('&'));
}

function decodeKey(token: string): string {
  if (!token.includes('\\')) return token;
  return token.replace(/\\u([0-9a-f]{4})/gi, (_, code: string) => String.fromCharCode(parseInt(code, 16)));
}

function decodeName(name: string): string {
  return name.replace(/%([0-9a-f]{2})/gi, (_, code: string) => String.fromCharCode(parseInt(code, 16)));
}

function skipSpace(text: string, start: number): number {
  let place = start;
  while (place < text.length && text.charCodeAt(place) <= 32) place += 1;
  return place;
}

function endOfString(text: string, start: number): number {
  let place = start + 1;
  while (place < text.length && text[place] !== '"') place += text[place] === '\\' ? 2 : 1;
  return Math.min(place + 1, text.length);
}

function endOfValue(text: string, start: number): number {
  if (text[start] === '"') return endOfString(text, start);
  let place = start;
  for (let depth = 0; place < text.length;) {
    const character = text[place] as string;
    if (character === '"') {
      place = endOfString(text, place);
      continue;
    }
    if (depth === 0 && /[,\]}]/.test(character)) return place;
    if (/[[{]/.test(character)) depth += 1;
    if (/[\]}]/.test(character)) depth -= 1;
    place += 1;
    if (depth === 0 && /[\]}]/.test(character)) return place;
  }
  return place;
}
