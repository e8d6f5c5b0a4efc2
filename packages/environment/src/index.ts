export * from './environment.js';
export * from './server-addresses.js';
export * from './keep-redaction-key.js';
