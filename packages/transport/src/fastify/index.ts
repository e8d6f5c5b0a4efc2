export { registerTransport, type Routes, type TransportOptions } from './register-transport.js';
