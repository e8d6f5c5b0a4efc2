import type { mongo } from 'mongoose';

/** What a server says that it is. */
export interface Engine {
  /** `mongodb`, or another engine that speaks its protocol. */
  readonly name: string;
  readonly version: string;
}

const others = /ferretdb|secantus|documentdb/i;

/** Asks a server which engine it is: engines besides MongoDB name themselves in what they tell of their build. */
export async function readEngine(database: mongo.Db): Promise<Engine> {
  const build = await database.admin().command({ buildInfo: 1 });
  const other = Object.keys(build).find((key) => others.test(key));
  if (other === undefined) return { name: 'mongodb', version: String(build['version']) };
  const name = others.exec(other)![0].toLowerCase();
  const own: unknown = build[other];
  const version =
    typeof own === 'object' && own !== null && 'version' in own ? own.version : build['version'];
  return { name: name === 'secantus' ? 'secantusdb' : name, version: String(version) };
}
