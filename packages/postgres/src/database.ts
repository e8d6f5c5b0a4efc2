import type { FieldTables } from './demonstration/field-tables.js';
import type { MasterDataTables } from './master-data-tables.js';

/** Every table that this product's own queries touch, by its qualified name. */
export interface Database extends MasterDataTables, FieldTables {}
