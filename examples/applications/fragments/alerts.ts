import { openPreferences, type OpenPreferencesOptions } from '@infratraq/preferences';

const { alerts, evaluator } = await openPreferences({ mongodbUri, requireWatchable, metrics, notifier });

declare const mongodbUri: string;
declare const requireWatchable: OpenPreferencesOptions['requireWatchable'];
declare const metrics: NonNullable<OpenPreferencesOptions['metrics']>;
declare const notifier: NonNullable<OpenPreferencesOptions['notifier']>;
export { alerts, evaluator };
