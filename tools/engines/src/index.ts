export { createTestDatabases, type TestDatabases } from './create-test-databases.js';
export { EngineUnavailableError, type EngineErrorCode } from './engine-unavailable-error.js';
export {
  orderMongoCandidates,
  type MongoCandidate,
  type MongoFacts,
  type MongoKind,
} from './order-mongo-candidates.js';
export { startEngines, type Engines, type StartEnginesOptions } from './start-engines.js';
export { startMongo, type MongoEngine, type StartMongoOptions } from './start-mongo.js';
export { startPostgres, type PostgresEngine, type StartPostgresOptions } from './start-postgres.js';
export { startDocumentdb, type DocumentdbEngine, type StartDocumentdbOptions } from './start-documentdb.js';
export { provideGoProgram, type GoProgram } from './parts/provide-go-program.js';
export { providePythonPackages, type PythonPackages } from './parts/provide-python-packages.js';
export { startToxiproxy, type FaultyLink, type Toxic, type Toxiproxy } from './parts/start-toxiproxy.js';
export { startFakeGcs, type FakeGcs } from './parts/start-fake-gcs.js';
export { startVersitygw, type Versitygw } from './parts/start-versitygw.js';
export { startClamd, type Clamd, type StartClamdOptions } from './parts/start-clamd.js';
export { eventually, type EventuallyOptions } from './eventually.js';
export { pickFreePort } from './pick-free-port.js';
export { startPgbouncer, type Pgbouncer, type StartPgbouncerOptions } from './parts/start-pgbouncer.js';
export { canMount, mountSmallDisk, type SmallDisk } from './parts/mount-small-disk.js';
export { startRedis, type Redis } from './parts/start-redis.js';
export { startMailpit, type Mailpit } from './parts/start-mailpit.js';
export {
  startDovecot,
  type Dovecot,
  type DovecotEncryption,
  type StartDovecotOptions,
} from './parts/start-dovecot.js';
