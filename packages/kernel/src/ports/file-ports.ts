import type { EntityReference } from '../policy/query.js';

/** A file that a domain keeps in object storage and that is to be among the files of an entity. */
export interface LentFile extends EntityReference {
  /** Names the file for good: under one key it is attached once, however often it is asked for. */
  readonly key: string;
  /** Where its content is, in the object storage that both sides use; who lends it never removes it. */
  readonly object_key: string;
  readonly file_name: string;
  /** What its sender says that it is. */
  readonly declared_content_type?: string;
  readonly source: 'email';
  readonly uploaded_by: string;
}

/** Why a file is not among the files of an entity. */
export interface FileRefusal {
  /** Stable, as that of an error: `attachment.too-large`. */
  readonly code: string;
  readonly message: string;
}

/** Who fetches a file, for the record of accesses. */
export interface FileAccess {
  readonly user_id: string;
  readonly ip_address?: string;
  /** It asks for a range; of many within an hour, the first one is noted. */
  readonly is_part?: boolean;
}

/** The files of entities, for domains that bring some. */
export interface EntityFiles {
  /** Attaches a file, or says why it is not taken; throws only for what may be otherwise later. */
  attach(file: LentFile): Promise<{ readonly file_id: string } | { readonly refusal: FileRefusal }>;
  /**
   * Tells where the content of a file is, if it may be downloaded now, and notes the access where one is given.
   * @throws what downloads of entities' files throw
   */
  fetch(
    file: EntityReference & { readonly file_id: string },
    access?: FileAccess,
  ): Promise<{ readonly object_key: string; readonly file_name: string; readonly content_type: string }>;
}
