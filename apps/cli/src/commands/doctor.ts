import { findServer, readEnvironment, type Environment } from '@infratraq/environment';
import { InfratraqError } from '@infratraq/kernel';
import { connectMongo, detectDrift } from '@infratraq/mongo';
import { connectPostgres } from '@infratraq/postgres';
import { store } from '@infratraq/store';
import { Command } from 'commander';
import { sql } from 'kysely';
import { jsonOption, print } from '../output/print.js';

/** One finding: what was looked at, whether it is well, and what to do otherwise. */
export interface Finding {
  readonly about: string;
  readonly verdict: 'ok' | 'note' | 'fault';
  readonly text: string;
}

/** Something that the server needs is not in order. */
class FaultsFoundError extends InfratraqError {
  constructor(count: number) {
    super('doctor.faults', `${count} of these need to be seen to`);
  }
}

/** `infratraq doctor`: checks configuration, connections and capabilities, and says what to do. */
export function doctorCommand(source: NodeJS.ProcessEnv): Command {
  return new Command('doctor')
    .description('check configuration, connections and capabilities, and say what to do')
    .option(...jsonOption)
    .action(async ({ json }: { json?: boolean }) => {
      const findings = await examine(source);
      print(findings, json, () =>
        findings
          .map(({ about, verdict, text }) => `${verdict.padEnd(5)} ${about.padEnd(13)} ${text}\n`)
          .join(''),
      );
      const faults = findings.filter(({ verdict }) => verdict === 'fault').length;
      if (faults > 0) throw new FaultsFoundError(faults);
    });
}

/** Makes all checks; a check that fails is a finding, not an error. */
async function examine(source: NodeJS.ProcessEnv): Promise<Finding[]> {
  const environment = await attempt('environment', async () => readEnvironment(source));
  if ('verdict' in environment) return [environment];
  const settings = environment.value;
  const server = await findServer(settings.DATA_DIR);
  const mongodbUri = settings.MONGODB_URI ?? server?.mongodbUri;
  const postgresUrl = settings.POSTGRES_URL ?? server?.postgresUrl;
  return [
    { about: 'environment', verdict: 'ok', text: 'every variable that is set is valid' },
    examineIdentity(settings),
    server
      ? await examineServer(server.url)
      : {
          about: 'server',
          verdict: 'note',
          text: `none runs with DATA_DIR ${settings.DATA_DIR}; "npm start" starts one`,
        },
    ...(mongodbUri ? await examineMongo(mongodbUri) : [absent('mongodb', 'MONGODB_URI')]),
    ...(postgresUrl ? await examinePostgres(postgresUrl) : [absent('postgresql', 'POSTGRES_URL')]),
  ];
}

function absent(about: string, variable: string): Finding {
  return {
    about,
    verdict: 'note',
    text: `${variable} is not set and no server runs; an embedded one will be started`,
  };
}

function examineIdentity({ AUTH_SECRET, AUTH_JWKS_URL }: Environment): Finding {
  const text = AUTH_JWKS_URL
    ? 'tokens are checked with the keys of AUTH_JWKS_URL'
    : AUTH_SECRET
      ? 'tokens are checked with AUTH_SECRET'
      : 'anybody on this machine gets a token; set AUTH_SECRET or AUTH_JWKS_URL before others can reach it';
  return { about: 'identity', verdict: AUTH_JWKS_URL || AUTH_SECRET ? 'ok' : 'note', text };
}

async function examineServer(url: string): Promise<Finding> {
  const answer = await attempt('server', async () => {
    const response = await fetch(new URL('/health/ready', url));
    return (await response.json()) as { status: string; checks: Record<string, string> };
  });
  if ('verdict' in answer) return answer;
  const { status, checks } = answer.value;
  const parts = Object.entries(checks).map(([name, state]) => `${name} ${state}`);
  return {
    about: 'server',
    verdict: status === 'ready' ? 'ok' : 'fault',
    text: `${status} at ${url} (${parts.join(', ')})`,
  };
}

async function examineMongo(uri: string): Promise<Finding[]> {
  const connected = await attempt('mongodb', () => connectMongo({ uri, appName: 'infratraq doctor' }));
  if ('verdict' in connected) return [connected];
  const mongo = connected.value;
  try {
    const { engine, version, off } = mongo.capabilities;
    const drift = await detectDrift(
      mongo.connection,
      store.collections.map((definition) => definition.class),
    );
    const differences = drift.actions.length;
    return [
      { about: 'mongodb', verdict: 'ok', text: `${engine} ${version}` },
      ...off.map((text): Finding => ({ about: 'mongodb', verdict: 'note', text })),
      differences === 0
        ? { about: 'indexes', verdict: 'ok', text: 'as the policies declare' }
        : {
            about: 'indexes',
            verdict: 'fault',
            text: `${differences} differ; "infratraq indexes plan --prune" shows them`,
          },
    ];
  } finally {
    await mongo.close();
  }
}

async function examinePostgres(url: string): Promise<Finding[]> {
  const connected = await attempt('postgresql', () =>
    connectPostgres({ url, applicationName: 'infratraq doctor' }),
  );
  if ('verdict' in connected) return [connected];
  const postgres = connected.value;
  try {
    const { rows } = await sql<{ version: string; wal_level: string }>`
      select current_setting('server_version') as version, current_setting('wal_level') as wal_level
    `.execute(postgres.db);
    const { version, wal_level } = rows[0]!;
    return [
      { about: 'postgresql', verdict: 'ok', text: version },
      wal_level === 'logical'
        ? { about: 'capture', verdict: 'ok', text: 'wal_level is logical' }
        : {
            about: 'capture',
            verdict: 'fault',
            text: `wal_level is ${wal_level}; set it to logical and restart PostgreSQL`,
          },
    ];
  } finally {
    await postgres.close();
  }
}

async function attempt<Value>(
  about: string,
  work: () => Promise<Value>,
): Promise<{ value: Value } | Finding> {
  try {
    return { value: await work() };
  } catch (error) {
    return { about, verdict: 'fault', text: error instanceof Error ? error.message : String(error) };
  }
}
