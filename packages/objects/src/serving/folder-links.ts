import { createTokenSigner, ForbiddenError } from '@infratraq/kernel';

/** How links to a folder's objects are made and checked. */
export interface LinkSigning {
  /** Where {@link objectRoutes} is reachable, up to and without `/objects`. */
  readonly baseUrl: string;
  /** 32 bytes or more; all processes share it. */
  readonly secret: string;
  /**
   * The current time in milliseconds.
   *
   * @default Date.now
   */
  readonly now?: () => number;
}

/** What a link grants. */
export interface FolderLink {
  readonly key: string;
  /** Content-Disposition of the answer. */
  readonly disposition?: string | undefined;
}

interface SignedLink extends FolderLink {
  /** Milliseconds since 1970. */
  readonly expires: number;
}

const signerOf = ({ secret }: LinkSigning) => createTokenSigner<SignedLink>(secret, 'object-link');

/** Makes a link to an object that expires. */
export function signLink(signing: LinkSigning, link: FolderLink, expiresInSeconds: number): string {
  const expires = (signing.now ?? Date.now)() + expiresInSeconds * 1000;
  const token = signerOf(signing).write({ ...link, expires });
  return `${signing.baseUrl.replace(/\/$/, '')}/objects?token=${token}`;
}

/**
 * Reads the token of a link.
 * @throws ForbiddenError `object.link.invalid` or `object.link.expired`
 */
export function readLink(signing: LinkSigning, token: string): FolderLink {
  const link = signerOf(signing).read(token);
  if (!link) throw new ForbiddenError('This link is not ours; ask for a new one', 'object.link.invalid');
  if (link.expires <= (signing.now ?? Date.now)())
    throw new ForbiddenError('This link has expired; ask for a new one', 'object.link.expired');
  return link;
}
