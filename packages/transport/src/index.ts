export * from './acknowledge.js';
export * from './admit-sockets.js';
export * from './identity.js';
export * from './problem.js';
export * from './register-transport.js';
export * from './schemas.js';
