export { features, startServer, type RunningServer } from './start-server.js';
