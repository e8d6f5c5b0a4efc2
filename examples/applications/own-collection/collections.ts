export { SiteVisit } from './collections/site-visit.js';
