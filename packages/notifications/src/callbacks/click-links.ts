import { createTokenSigner } from '@infratraq/kernel';

/** A link in a mail to a recipient. */
export interface MailLink {
  readonly delivery_id: string;
  readonly recipient_id: string;
  /** Where it leads. */
  readonly url: string;
}

/** Links that record a click and redirect to the link in the mail. */
export interface ClickLinks {
  /** Undefined for a link that stays as it is: not a web address, one of these hooks, or too long for mail programs. */
  urlFor(link: MailLink): string | undefined;
  /** Undefined for a token that was not signed here, so that nobody else decides where it leads. */
  read(token: string): (MailLink & { readonly issued_at: Date }) | undefined;
}

// The limit of Internet Explorer, whose engine old versions of Outlook use.
const longestUrl = 2_083;

/** Makes links below `baseUrl`, the public address of the hooks: `https://infra.example/api/v1/hooks`. */
export function createClickLinks({
  secret,
  baseUrl,
  now = Date.now,
}: {
  readonly secret: string;
  readonly baseUrl: string;
  readonly now?: () => number;
}): ClickLinks {
  const tokens = createTokenSigner<[delivery: string, recipient: string, url: string, issued?: number]>(
    secret,
    'click',
  );
  return {
    urlFor({ delivery_id, recipient_id, url }) {
      if (!URL.canParse(url) || !/^https?:\/\//i.test(url) || url.startsWith(`${baseUrl}/`)) return undefined;
      const link = `${baseUrl}/click?token=${tokens.write([delivery_id, recipient_id, url, now()])}`;
      return link.length > longestUrl ? undefined : link;
    },
    read(token) {
      // Links of earlier versions have no time.
      const [delivery_id, recipient_id, url, issued = 0] = tokens.read(token) ?? [];
      return delivery_id === undefined || recipient_id === undefined || url === undefined
        ? undefined
        : { delivery_id, recipient_id, url, issued_at: new Date(issued) };
    },
  };
}
