import type { RecipientPreferences } from '@infratraq/kernel';
import type { Directory } from '../recipients/directory.js';
import type { MailComplaints } from './mail-complaints.js';
import { hashAddress } from '../delivery/delivery-id.js';

type PreferencesOf = (userIds: readonly string[]) => Promise<ReadonlyMap<string, RecipientPreferences>>;

/** Adds to preferences the types that the recipient's current mailbox has called spam. */
export function withholdComplained(
  preferencesOf: PreferencesOf,
  { complaints, directory }: { complaints: MailComplaints; directory: Pick<Directory, 'find'> },
): PreferencesOf {
  return async (userIds) => {
    const [preferences, open] = await Promise.all([preferencesOf(userIds), complaints.listOpen(userIds)]);
    if (open.length === 0) return preferences;
    const entries = await directory.find([...new Set(open.map(({ user_id }) => user_id))]);
    const withheld = new Map(preferences);
    for (const { user_id, email } of entries) {
      const own = preferences.get(user_id);
      if (own === undefined || email === undefined) continue;
      const address = hashAddress(email);
      const complained_types = open
        .filter((complaint) => complaint.user_id === user_id && complaint.address_sha256 === address)
        .map(({ type }) => type);
      withheld.set(user_id, { ...own, complained_types });
    }
    return withheld;
  };
}
