export { createConfinedJobs, type ConfinedJobs } from './confined-jobs.js';
