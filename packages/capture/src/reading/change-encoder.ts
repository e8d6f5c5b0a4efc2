import { changeOperations, type ChangeOperation, type RowValue } from '../encoding/change.js';
import { elementType, encodeElements, encodeName, type BsonBuffer } from '../encoding/bson-buffer.js';
import type { ChangeBuffer } from '../encoding/change-buffer.js';
import { formatLsn } from '../pgoutput/lsn.js';
import type { BeginMessage } from '../pgoutput/messages.js';
import type { WireTuple } from '../pgoutput/wire-tuple.js';
import type { ChangedThing } from './captured-table.js';
import { encodeColumnNames, encodeNull, RowEncoder } from './encode-row.js';
import type { TransactionActor } from './read-actor.js';

/** What is the same in every change of a transaction, as long as its actor is. */
export interface EncodedTransaction {
  idPrefix: Buffer;
  elements: Buffer;
}

/** One change; which of its rows there are depends on the operation. */
export interface ChangeContent {
  operation: ChangeOperation;
  entityId: string;
  before?: WireTuple | undefined;
  after?: WireTuple | undefined;
  /** Stands for the row after where that is no row. */
  newValue?: RowValue;
  /** Whether it concerns the whole table. */
  wholeTable?: true;
  /** The id under which a row whose key changes goes on, or that it had before. */
  movedTo?: string;
  movedFrom?: string;
}

const names = {
  _id: encodeName('_id'),
  entity_id: encodeName('entity_id'),
  old_value: encodeName('old_value'),
  new_value: encodeName('new_value'),
  changed_fields: encodeName('changed_fields'),
  uncertain_fields: encodeName('uncertain_fields'),
  unchanged_fields: encodeName('unchanged_fields'),
  unknown_fields: encodeName('unknown_fields'),
  moved_to: encodeName('moved_to'),
  moved_from: encodeName('moved_from'),
  omitted_fields: encodeName('omitted_fields'),
  position: encodeName('position'),
};
const operationElements = Object.fromEntries(
  changeOperations.map((operation) => [operation, encodeElements({ operation })]),
) as Record<ChangeOperation, Buffer>;
const wholeTableElement = encodeElements({ whole_table: true });

const positionDigits = 8;
/** What a change has besides its rows, names and id. */
const mostOverheadBytes = 256;

export function encodeTransaction(
  source: string,
  { commitLsn, committedAt, transactionId }: BeginMessage,
  actor: TransactionActor | undefined,
  databaseUser: string,
): EncodedTransaction {
  const { user_id = databaseUser, ...attribution } = actor ?? {};
  return {
    idPrefix: Buffer.from(`${source}:${commitLsn.toString(16).padStart(16, '0')}:`),
    elements: encodeElements({
      changed_by: user_id,
      changed_at: committedAt,
      ...attribution,
      transaction_id: String(transactionId),
      lsn: formatLsn(commitLsn),
      source: actor === undefined ? 'direct_sql' : 'application',
    }),
  };
}

/** Writes changes as the documents that are to be stored, from the bytes of the log, without objects between. */
export class ChangeEncoder {
  readonly #buffer: ChangeBuffer;
  readonly #rows = new RowEncoder();

  constructor(buffer: ChangeBuffer) {
    this.#buffer = buffer;
  }

  encode(
    { idPrefix, elements }: EncodedTransaction,
    position: number,
    thing: ChangedThing,
    content: ChangeContent,
  ): void {
    const { operation, entityId, movedTo, movedFrom } = content;
    const otherId = movedTo ?? movedFrom;
    const target = this.#buffer.beginDocument();
    target.reserve(
      mostOverheadBytes +
        idPrefix.length +
        elements.length +
        thing.typeElements.length +
        thing.nameElements.length +
        3 * (entityId.length + (otherId?.length ?? 0)),
    );
    const document = target.begin();
    encodeId(target, idPrefix, position);
    copyAll(target, thing.typeElements);
    encodeString(target, names.entity_id, entityId);
    if (content.wholeTable) copyAll(target, wholeTableElement);
    copyAll(target, operationElements[operation]);
    if (movedTo !== undefined) encodeString(target, names.moved_to, movedTo);
    if (movedFrom !== undefined) encodeString(target, names.moved_from, movedFrom);
    copyAll(target, elements);
    target.element(elementType.integer, names.position);
    target.int32(position);
    copyAll(target, thing.nameElements);
    this.#encodeRows(target, thing, content);
    target.end(document);
    this.#buffer.finishDocument();
  }

  #encodeRows(
    target: BsonBuffer,
    { columns }: ChangedThing,
    { operation, before, after, newValue }: ChangeContent,
  ): void {
    if (before === undefined) encodeNull(target, names.old_value);
    else this.#rows.encode(target, names.old_value, columns, before);
    if (after !== undefined) this.#rows.encode(target, names.new_value, columns, after, before);
    else target.value(names.new_value, newValue ?? null);
    const isUpdate = operation === 'UPDATE';
    encodeColumnNames(target, names.changed_fields, columns, (index) =>
      isUpdate ? isChanged(index, before, after) : (after ?? before)?.isSent(index) === true,
    );
    if (isUpdate && (before === undefined || before.lacksAny(columns.length)))
      encodeColumnNames(
        target,
        names.uncertain_fields,
        columns,
        (index) =>
          after?.isSent(index) === true &&
          // Without a row before, its identity has not changed.
          (before === undefined ? columns[index]?.identity !== true : !before.isSent(index)),
      );
    if (operation === 'DELETE' && before?.lacksAny(columns.length))
      encodeColumnNames(target, names.unknown_fields, columns, (index) => !before.isSent(index));
    if (after?.lacksAny(columns.length))
      encodeColumnNames(target, names.unchanged_fields, columns, (index) => !after.isSent(index));
    if (before?.omitted.size || after?.omitted.size) {
      const isOmitted = (index: number) => before?.omitted.has(index) || after?.omitted.has(index) || false;
      encodeColumnNames(target, names.omitted_fields, columns, isOmitted);
    }
  }
}

/** Whether an update is known to have changed the value. */
function isChanged(index: number, before: WireTuple | undefined, after: WireTuple | undefined): boolean {
  if (before === undefined || after === undefined) return false;
  return after.isSent(index) && before.isSent(index) && !before.hasSame(index, after);
}

function encodeId(target: BsonBuffer, prefix: Buffer, position: number): void {
  target.element(elementType.text, names._id);
  target.int32(prefix.length + positionDigits + 1);
  copyAll(target, prefix);
  const { bytes, offset } = target;
  for (let place = positionDigits - 1, rest = position; place >= 0; place -= 1, rest >>>= 4)
    bytes[offset + place] = hexDigits[rest & 15] as number;
  bytes[offset + positionDigits] = 0;
  target.offset += positionDigits + 1;
}

const hexDigits = Buffer.from('0123456789abcdef');

/** Room for it has been made: a character takes at most three bytes for each of its units. */
function encodeString(target: BsonBuffer, name: Uint8Array, text: string): void {
  target.element(elementType.text, name);
  const length = target.bytes.write(text, target.offset + 4);
  target.int32(length + 1);
  target.offset += length;
  target.bytes[target.offset] = 0;
  target.offset += 1;
}

function copyAll(target: BsonBuffer, bytes: Uint8Array): void {
  target.copy(bytes, 0, bytes.length);
}
