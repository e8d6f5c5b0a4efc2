import { InfratraqError } from '@infratraq/kernel';
import { mongo } from 'mongoose';

// MongoDB's limit is 16 MiB; the rest of the document needs some of it.
const maximumOutputBytes = 16 * 1024 * 1024 - 64 * 1024;

/**
 * An output as it is stored: through JSON, so that a hit returns exactly what the miss before it returned.
 * @throws InfratraqError `report.too-large`
 */
export function toStorable(type: string, output: unknown): unknown {
  const json = JSON.stringify(output) as string | undefined;
  const storable: unknown = json === undefined ? null : JSON.parse(json);
  if (mongo.BSON.calculateObjectSize({ storable }) > maximumOutputBytes)
    throw new InfratraqError(
      'report.too-large',
      `The output of ${type} is larger than 16 MiB; narrow its parameters`,
      { status: 422 },
    );
  return storable;
}
