import { EngineUnavailableError } from './engine-unavailable-error.js';

/** What serves MongoDB's protocol when no address is given. */
export type MongoKind = 'mongod' | 'secantus-rs' | 'secantus-py';

/** One way to a MongoDB engine; `download` gets `mongod` first. */
export type MongoCandidate = MongoKind | 'download';

/** What the choice of a MongoDB engine depends on. */
export interface MongoFacts {
  /** `INFRATRAQ_ENGINE`: unset, `mongod`, `secantus` or `secantus-py`. */
  readonly choice?: string;
  /** A `mongod` is on the PATH or in the memory-server's cache. */
  readonly mongodInstalled: boolean;
  /** A download of `mongod` failed within the last day. */
  readonly downloadFailedLately: boolean;
  /** The Rust daemon is on the PATH or in the cache folder. */
  readonly rustDaemonInstalled: boolean;
  /** The engine that wrote the data folder; no other can read it. */
  readonly dataWrittenBy?: MongoKind;
}

/**
 * Orders the ways to a MongoDB engine, the preferred first.
 *
 * @throws EngineUnavailableError `engine.unknown-choice` for an unknown `INFRATRAQ_ENGINE`, `engine.other-data`
 * when the data folder was written by an engine that is excluded or not installed.
 */
export function orderMongoCandidates(facts: MongoFacts): MongoCandidate[] {
  const mongod: MongoCandidate[] = facts.mongodInstalled ? ['mongod'] : [];
  const download: MongoCandidate[] = facts.mongodInstalled || facts.downloadFailedLately ? [] : ['download'];
  const secantus: MongoCandidate[] = facts.rustDaemonInstalled
    ? ['secantus-rs', 'secantus-py']
    : ['secantus-py'];
  const candidates = selectByChoice(facts.choice, { mongod, download, secantus });
  const writtenBy = facts.dataWrittenBy;
  if (!writtenBy) return candidates;
  const readable = candidates.filter(
    (candidate) => (candidate === 'download' ? 'mongod' : candidate) === writtenBy,
  );
  if (readable.length > 0) return readable;
  throw new EngineUnavailableError(
    'engine.other-data',
    `The data folder was written by ${writtenBy}, which is not installed or excluded by INFRATRAQ_ENGINE=` +
      `${facts.choice ?? ''}: install it, change INFRATRAQ_ENGINE, or choose another data folder.`,
  );
}

function selectByChoice(
  choice: string | undefined,
  ways: Record<'mongod' | 'download' | 'secantus', MongoCandidate[]>,
): MongoCandidate[] {
  switch (choice || undefined) {
    case undefined:
      return [...ways.mongod, ...ways.download, ...ways.secantus];
    case 'mongod':
      return [...ways.mongod, ...(ways.mongod.length > 0 ? [] : (['download'] as const))];
    case 'secantus':
      return [...ways.mongod, ...ways.secantus];
    case 'secantus-py':
      return ['secantus-py'];
    default:
      throw new EngineUnavailableError(
        'engine.unknown-choice',
        `INFRATRAQ_ENGINE=${choice} is unknown: leave it unset, or use mongod, secantus or secantus-py.`,
      );
  }
}
