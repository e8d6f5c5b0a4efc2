import type { NotificationAudience } from '@infratraq/kernel';

/** What a push service needs to reach one device. */
export type PushTarget =
  | { readonly kind: 'fcm'; readonly token: string }
  | {
      readonly kind: 'web';
      readonly endpoint: string;
      readonly keys: { readonly p256dh: string; readonly auth: string };
    };

/** A person, and where messages reach them. */
export interface DirectoryEntry {
  readonly user_id: string;
  readonly name: string;
  readonly email?: string;
  /** E.164. */
  readonly phone?: string;
  readonly devices: readonly {
    readonly device_id: string;
    readonly platform?: 'web' | 'android' | 'ios';
    readonly target: PushTarget;
  }[];
}

/** Knows people, groups and who follows what. */
export interface Directory {
  /** One page of the users whom an audience names, each once, in ascending order; `after` continues it. */
  listAudience(
    audience: NotificationAudience,
    page: { readonly after?: string | undefined; readonly limit: number },
  ): Promise<string[]>;
  /** Those of these users who are to be reached at all. */
  find(userIds: readonly string[]): Promise<DirectoryEntry[]>;
  /** Takes an address out of use that its provider has called gone; another one of the same user stays. */
  retireAddress(
    userId: string,
    address:
      | { readonly channel: 'email'; readonly email: string }
      | { readonly channel: 'sms'; readonly phone: string }
      | { readonly channel: 'push'; readonly device_id: string },
  ): Promise<void>;
}
