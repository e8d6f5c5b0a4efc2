export * from './acknowledge.js';
export * from './identity.js';
export * from './problem.js';
export * from './register-transport.js';
export * from './schemas.js';
