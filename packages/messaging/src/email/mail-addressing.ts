import {
  createTokenSigner,
  InvalidInputError,
  type EntityReference,
  type TokenSigner,
} from '@infratraq/kernel';
import { createHmac, timingSafeEqual } from 'node:crypto';
import { readMessageId } from './parsing/mail-headers.js';

/** Mailbox and secret of mail for entities. */
export interface MailAddressingOptions {
  /** Mailbox that receives mail, `inbox@example.org`; its plus-addresses must reach it too. */
  readonly mailbox: string;
  /** Signs reference tokens and return paths; the same in every process. */
  readonly secret: string | Uint8Array;
}

const nameable = /^[A-Za-z][A-Za-z0-9_-]{0,99}$/;
const identifiable = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,199}$/;
// 80 bits rather than the kernel's whole signed tokens: subjects must stay short, and each guess costs a mail.
const signatureCharacters = 20;
const returnTag = '+r=';

/**
 * Names entities in mail: by an address to which anybody may write (`inbox+projects.42@example.org`), and by a signed
 * token in the subject (`[#projects.42.3f…]`), which nobody else can make.
 */
export class MailAddressing {
  readonly mailbox: string;
  readonly #secret: string | Uint8Array;
  readonly #local: string;
  readonly #domain: string;

  constructor({ mailbox, secret }: MailAddressingOptions) {
    this.mailbox = mailbox.toLowerCase();
    this.#secret = secret;
    const at = this.mailbox.lastIndexOf('@');
    [this.#local, this.#domain] = [this.mailbox.slice(0, at), this.mailbox.slice(at + 1)];
    if (at < 1 || this.#domain === '')
      throw new InvalidInputError(`${mailbox} is no address: give the mailbox as inbox@example.org`, {
        code: 'mail.mailbox',
      });
  }

  /** Plus-address of an entity; undefined when the entity's names don't fit into an address. */
  addressOf(entity: EntityReference): string | undefined {
    const tag = tagOf(entity);
    // A local part has 64 characters at most.
    const local = `${this.#local}+${tag}`;
    return tag === undefined || local.length > 64 ? undefined : `${local}@${this.#domain}`;
  }

  /** Signed token for subjects, which brings replies to an entity; undefined when the entity's names don't fit. */
  tokenOf(entity: EntityReference): string | undefined {
    const tag = tagOf(entity);
    return tag === undefined ? undefined : `[#${tag}.${this.#sign(tag)}]`;
  }

  /** The entity of the first plus-address of ours among these. */
  findByAddress(addresses: readonly string[]): EntityReference | undefined {
    for (const address of addresses) {
      const at = address.lastIndexOf('@');
      const [local, domain] = [address.slice(0, at), address.slice(at + 1).toLowerCase()];
      const prefix = local.slice(0, this.#local.length + 1).toLowerCase();
      if (domain !== this.#domain || prefix !== `${this.#local}+`) continue;
      const entity = entityOf(local.slice(prefix.length));
      if (entity) return entity;
    }
    return undefined;
  }

  /** The entity of the first genuine token in a subject. */
  findByToken(subject: string): EntityReference | undefined {
    for (const [, tag, signature] of subject.matchAll(/\[#([\w.-]{3,310})\.([0-9a-f]{20})\]/gi))
      if (tag && signature && this.#isGenuine(tag, signature)) return entityOf(tag);
    return undefined;
  }

  /**
   * Return path of one mail to one recipient (VERP): `inbox+r=1.<signature>@example.org`, which nobody else can make. Only
   * whoever got that mail knows it, so a report that arrives there was caused by it. Undefined when the mailbox leaves no
   * room for it: a local part has 64 characters at most.
   */
  returnPathOf(messageId: string): string | undefined {
    const local = `${this.#local}${returnTag}${this.#signerOf(messageId).write(1)}`;
    return local.length > 64 ? undefined : `${local}@${this.#domain}`;
  }

  /** Whether one of these addresses is the return path of that mail. */
  isReturnPathOf(messageId: string, addresses: readonly string[]): boolean {
    const signer = this.#signerOf(messageId);
    return addresses.some((address) => {
      const at = address.lastIndexOf('@');
      const tag = address.toLowerCase().lastIndexOf(returnTag, at);
      if (tag === -1 || address.slice(at + 1).toLowerCase() !== this.#domain) return false;
      return signer.read(address.slice(tag + returnTag.length, at)) === 1;
    });
  }

  #signerOf(messageId: string): TokenSigner<number> {
    // A key of its own: the secret may be of any length.
    const key = createHmac('sha256', this.#secret).update('mail return path').digest('base64url');
    return createTokenSigner(key, `return path of ${readMessageId(messageId) ?? messageId}`);
  }

  #sign(tag: string): string {
    return createHmac('sha256', this.#secret)
      .update(`mail reference\0${tag}`)
      .digest('hex')
      .slice(0, signatureCharacters);
  }

  #isGenuine(tag: string, signature: string): boolean {
    return timingSafeEqual(Buffer.from(this.#sign(tag)), Buffer.from(signature.toLowerCase()));
  }
}

function tagOf({ entity_type, entity_id }: EntityReference): string | undefined {
  return nameable.test(entity_type) && identifiable.test(entity_id)
    ? `${entity_type}.${entity_id}`
    : undefined;
}

function entityOf(tag: string): EntityReference | undefined {
  const dot = tag.indexOf('.');
  const [entity_type, entity_id] = [tag.slice(0, dot), tag.slice(dot + 1)];
  return dot > 0 && nameable.test(entity_type) && identifiable.test(entity_id)
    ? { entity_type, entity_id }
    : undefined;
}
