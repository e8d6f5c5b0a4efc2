import { DefinitionError, InfratraqError, InvalidInputError } from '@infratraq/kernel';

/** What may be attached to entities of one type. */
export interface AttachmentLimits {
  readonly maximumBytes: number;
  /** Sniffed types that are taken, as `image/*` or `application/pdf`; all but the refused ones when absent. */
  readonly types?: readonly string[];
  /** Days for which a file is kept even if it is deleted. */
  readonly retainDays?: number;
}

/** The limits of entity types; `default` holds for those without their own. */
export interface AttachmentRules {
  readonly default: AttachmentLimits;
  readonly [entityType: string]: AttachmentLimits;
}

/** Up to 100 MiB of anything that isn't a program. */
export const defaultAttachmentRules: AttachmentRules = { default: { maximumBytes: 100 * 1024 * 1024 } };

// Programs, whatever an entity type takes.
const refusedTypes = [
  'application/x-msdownload',
  'application/x-elf',
  'application/x-mach-binary',
  'application/x-sh',
  'text/x-script',
  'application/vnd.ms-cab-compressed',
  'application/x-msi',
];

/** The limits that hold for an entity type. */
export function limitsOf(rules: AttachmentRules, entityType: string): AttachmentLimits {
  return Object.hasOwn(rules, entityType) ? (rules[entityType] as AttachmentLimits) : rules.default;
}

/**
 * Checks rules once, when they are given.
 * @throws DefinitionError `definition.attachment-limits`
 */
export function checkRules(rules: AttachmentRules): AttachmentRules {
  for (const [entityType, { maximumBytes, retainDays = 0 }] of Object.entries(rules))
    if (!Number.isSafeInteger(maximumBytes) || maximumBytes < 1 || !(retainDays >= 0))
      throw new DefinitionError(
        entityType,
        'attachment-limits',
        'Give a size of 1 byte or more and days of 0 or more',
      );
  return rules;
}

/**
 * Refuses content of a type that isn't taken.
 * @throws InfratraqError `attachment.type-refused`; InvalidInputError `attachment.empty`
 */
export function checkType({ types }: AttachmentLimits, contentType: string): void {
  if (contentType === 'application/x-empty')
    throw new InvalidInputError('The file is empty; send its content', { code: 'attachment.empty' });
  const isTaken = !types || types.some((type) => matches(type, contentType));
  if (!isTaken || refusedTypes.includes(contentType))
    throw new InfratraqError(
      'attachment.type-refused',
      `The content is ${contentType}${types ? `; attach one of ${types.join(', ')}` : ', and programs are not taken'}`,
      { status: 422 },
    );
}

/** The error for a file that is too large (`attachment.too-large`). */
export function tooLarge({ maximumBytes }: AttachmentLimits): InfratraqError {
  return new InfratraqError('attachment.too-large', `Attach files of at most ${maximumBytes} bytes`, {
    status: 413,
  });
}

/** Whether content was refused for its size. */
export function isTooLarge(error: unknown): boolean {
  return error instanceof InfratraqError && error.code === 'attachment.too-large';
}

function matches(type: string, contentType: string): boolean {
  return type.endsWith('/*') ? contentType.startsWith(type.slice(0, -1)) : type === contentType;
}
