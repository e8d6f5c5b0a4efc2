export { acknowledge, type Acknowledgement } from './acknowledge.js';
export { admitSockets, socketIdentity, type SocketIdentity } from './admit-sockets.js';
export { requireActor, UnauthenticatedError, type Authenticate } from './identity.js';
export { plainText } from './plain-text.js';
export { problem, problemMediaType, problemOf, problemSchema, type Problem } from './problem.js';
export { entityParameters, pageOf, pageQuery, timestamp } from './schemas.js';
