export * from './environment.js';
export * from './server-addresses.js';
