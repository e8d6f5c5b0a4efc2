export { UserPreference } from './collections/user-preference.js';
export { DashboardLayout } from './collections/dashboard-layout.js';
export { UserFavorite } from './collections/user-favorite.js';
export { UserAlertConfig } from './collections/user-alert-config.js';
