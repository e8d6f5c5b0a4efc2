export { UserPreference } from './user-preference.js';
export { DashboardLayout } from './dashboard-layout.js';
export { UserFavorite } from './user-favorite.js';
export { UserAlertConfig } from './user-alert-config.js';
