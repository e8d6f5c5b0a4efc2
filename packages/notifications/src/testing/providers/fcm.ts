import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { Agent } from 'node:https';
import { jwtVerify } from 'jose';
import type { FcmServiceAccount } from '../../senders/fcm.js';
import { makeCertificate } from './make-certificate.js';
import {
  startProviderServer,
  type ProviderAnswer,
  type ProviderRequest,
  type ProviderServer,
} from './provider-server.js';

/** What FCM may say, besides taking the push. */
export type FcmTrouble = 'rejected' | 'address_gone' | 'throttled' | 'unreachable' | 'token_refused';

/** A push that FCM has taken. */
export type FcmMessage = Readonly<Record<string, unknown>> & {
  readonly token: string;
  readonly data: Readonly<Record<string, string>>;
  readonly notification: { readonly title: string; readonly body: string };
};

/** Google's token exchange and FCM's HTTP v1 API, as documented. */
export interface FcmStandIn extends ProviderServer {
  readonly serviceAccount: FcmServiceAccount;
  readonly messages: FcmMessage[];
  /** How many access tokens were given out. */
  tokensGiven(): number;
  /** Brings what goes to Google's hosts here, over TLS with their names. */
  createAgent(): Agent;
  /** Registers a device. */
  register(): string;
  trouble?: FcmTrouble | undefined;
}

const hosts = ['fcm.googleapis.com', 'oauth2.googleapis.com', 'www.googleapis.com'];
const fcmError = 'type.googleapis.com/google.firebase.fcm.v1.FcmError';

function refuse(status: number, name: string, message: string, details: object[] = []): ProviderAnswer {
  return { status, body: { error: { code: status, message, status: name, details } } };
}

/** Starts an FCM of one project. */
export async function startFcm(): Promise<FcmStandIn> {
  const certificate = makeCertificate(hosts);
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const project_id = `project-${randomBytes(4).toString('hex')}`;
  const serviceAccount = {
    project_id,
    client_email: `sender@${project_id}.iam.gserviceaccount.com`,
    private_key: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
  };
  const registered = new Set<string>();
  const accessTokens = new Set<string>();
  const messages: FcmMessage[] = [];
  const server = await startProviderServer((request) => answer(request), certificate);
  const standIn: FcmStandIn = {
    ...server,
    serviceAccount,
    messages,
    tokensGiven: () => accessTokens.size,
    createAgent: () => new RedirectingAgent(server.port, certificate.cert),
    register() {
      const token = `${randomBytes(16).toString('base64url')}:APA91b${randomBytes(60).toString('base64url')}`;
      registered.add(token);
      return token;
    },
  };

  async function answer(request: ProviderRequest): Promise<ProviderAnswer> {
    const host = request.headers.host?.split(':')[0];
    if (host === 'oauth2.googleapis.com' || host === 'www.googleapis.com') return exchangeToken(request);
    if (host !== 'fcm.googleapis.com') return { status: 421, body: `nobody is ${host}` };
    return takeMessage(request);
  }

  async function exchangeToken({ url, body }: ProviderRequest): Promise<ProviderAnswer> {
    const form = readParameters(body);
    const refused = (error_description: string) => ({
      status: 400,
      body: { error: 'invalid_grant', error_description },
    });
    if (!/\/token$/.test(url.pathname)) return { status: 404 };
    if (standIn.trouble === 'token_refused') return refused('Invalid JWT Signature.');
    if (form.grant_type !== 'urn:ietf:params:oauth:grant-type:jwt-bearer')
      return { status: 400, body: { error: 'unsupported_grant_type' } };
    try {
      const { payload } = await jwtVerify(form.assertion ?? '', publicKey, {
        algorithms: ['RS256'],
        issuer: serviceAccount.client_email,
        maxTokenAge: '1h',
      });
      if (!/^https:\/\/(oauth2|www)\.googleapis\.com\/.*token$/.test(String(payload.aud)))
        return refused('Invalid audience');
      if (!String(payload.scope).includes('https://www.googleapis.com/auth/firebase.messaging'))
        return { status: 400, body: { error: 'invalid_scope' } };
    } catch (error) {
      return refused(`Invalid JWT: ${(error as Error).message}`);
    }
    const access_token = `ya29.${randomBytes(48).toString('base64url')}`;
    accessTokens.add(access_token);
    return { status: 200, body: { access_token, expires_in: 3_599, token_type: 'Bearer' } };
  }

  function takeMessage({ method, url, headers, body }: ProviderRequest): ProviderAnswer {
    const bearer = /^Bearer (.+)$/.exec(headers.authorization ?? '')?.[1];
    if (bearer === undefined || !accessTokens.has(bearer))
      return refuse(401, 'UNAUTHENTICATED', 'Request had invalid authentication credentials.');
    if (method !== 'POST' || url.pathname !== `/v1/projects/${project_id}/messages:send`)
      return refuse(404, 'NOT_FOUND', `${url.pathname} was not found`);
    if (standIn.trouble === 'unreachable') return refuse(500, 'INTERNAL', 'Internal error encountered.');
    if (standIn.trouble === 'throttled')
      return {
        ...refuse(429, 'RESOURCE_EXHAUSTED', 'Quota exceeded for quota metric', [
          { '@type': fcmError, errorCode: 'QUOTA_EXCEEDED' },
          {
            '@type': 'type.googleapis.com/google.rpc.QuotaFailure',
            violations: [{ subject: 'project', description: 'Messages per minute' }],
          },
        ]),
        headers: { 'retry-after': '7' },
      };
    const { message } = JSON.parse(body.toString()) as { message: FcmMessage };
    if (standIn.trouble === 'address_gone' || !registered.has(message.token))
      return refuse(404, 'NOT_FOUND', 'Requested entity was not found.', [
        { '@type': fcmError, errorCode: 'UNREGISTERED' },
      ]);
    const isTooLarge =
      Buffer.byteLength(JSON.stringify({ ...message.notification, ...message.data })) > 4_096;
    if (standIn.trouble === 'rejected' || isTooLarge || !isStrings(message.data))
      return refuse(400, 'INVALID_ARGUMENT', 'The message is not valid', [
        { '@type': fcmError, errorCode: 'INVALID_ARGUMENT' },
        {
          '@type': 'type.googleapis.com/google.rpc.BadRequest',
          fieldViolations: [{ field: 'message', description: 'The message is not valid' }],
        },
      ]);
    messages.push(message);
    return {
      status: 200,
      body: { name: `projects/${project_id}/messages/0:${randomBytes(8).toString('hex')}` },
    };
  }
  return standIn;
}

/** Connects to this machine whatever host is asked for; TLS still checks the name that was asked for. */
class RedirectingAgent extends Agent {
  readonly #port: number;

  constructor(port: number, ca: string) {
    super({ ca, keepAlive: true });
    this.#port = port;
  }

  override createConnection(...[options, callback]: Parameters<Agent['createConnection']>) {
    return super.createConnection({ ...options, host: '127.0.0.1', port: this.#port }, callback);
  }
}

function isStrings(data: object | undefined): boolean {
  return Object.values(data ?? {}).every((value) => typeof value === 'string');
}

/** The parameters of a token request; Google takes a form or JSON. */
function readParameters(body: Buffer): Record<string, string | undefined> {
  const text = body.toString();
  if (text.startsWith('{')) return JSON.parse(text) as Record<string, string>;
  return Object.fromEntries(new URLSearchParams(text));
}
