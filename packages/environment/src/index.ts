export {
  environmentVariables,
  lateSealSecondsOf,
  listensOnLoopback,
  readEnvironment,
  sealsUrlOf,
  type Environment,
} from './environment.js';
export { keepRedactionKey } from './keep-redaction-key.js';
export { announceServer, findServer, type ServerAddresses } from './server-addresses.js';
export { superviseProcess } from './supervise-process.js';
export { explainEngineFailure, keepSecret, prepareDataDirectory } from './data-directory.js';
