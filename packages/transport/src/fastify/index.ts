export { defineRoutes, unknownRoutes, type Routes } from './define-routes.js';
export { type Identify } from './identify-requests.js';
export { registerTransport, type TransportOptions } from './register-transport.js';
