import { isSafeFieldName } from './field-names.js';
import { readWhole, UnreadableTextError } from './text-cursor.js';

/** An hstore as a document of texts and nulls; stays text where a key is a name that documents can't have. */
export function convertHstore(text: string): unknown {
  return readWhole(text, (cursor) => {
    const value: Record<string, string | null> = {};
    while (!cursor.atEnd) {
      if (cursor.offset > 0) cursor.expect(', ');
      const key = cursor.readQuoted(false);
      if (!isSafeFieldName(key)) throw new UnreadableTextError();
      cursor.expect('=>');
      if (cursor.character === '"') {
        value[key] = cursor.readQuoted(false);
      } else {
        cursor.expect('NULL');
        value[key] = null;
      }
    }
    return value;
  });
}
