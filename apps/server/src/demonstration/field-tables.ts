import type { ColumnType, Generated } from 'kysely';

/** Exact decimals are read as text, so that no cent is lost. */
type Amount = ColumnType<string, string | number, string | number>;
/** A calendar date as `YYYY-MM-DD`. */
type CalendarDate = string;
type Attributes = ColumnType<Record<string, unknown>, string, string>;
type ChangedAt = ColumnType<Date, Date | undefined, Date>;

export type OrganisationKind = 'client' | 'contractor' | 'consultant' | 'authority' | 'supplier';
export type ProjectStatus = 'planned' | 'design' | 'construction' | 'on_hold' | 'completed';
export type ContractStatus = 'draft' | 'signed' | 'active' | 'closed' | 'terminated';
export type WorkOrderStatus = 'open' | 'scheduled' | 'in_progress' | 'blocked' | 'done' | 'cancelled';
export type InspectionResult = 'passed' | 'passed_with_remarks' | 'failed';

export interface OrganisationTable {
  organisation_id: Generated<number>;
  name: string;
  kind: OrganisationKind;
  country_code: string;
  registration_number: string | null;
  created_at: ChangedAt;
}

export interface ProjectTable {
  project_id: Generated<number>;
  code: string;
  name: string;
  client_id: number;
  status: ProjectStatus;
  budget_amount: Amount;
  currency: string;
  starts_on: CalendarDate;
  ends_on: CalendarDate | null;
  latitude: number | null;
  longitude: number | null;
  attributes: Attributes;
  updated_at: ChangedAt;
}

export interface ContractTable {
  contract_id: Generated<number>;
  project_id: number;
  contractor_id: number;
  reference: string;
  title: string;
  status: ContractStatus;
  amount: Amount;
  retention_percent: Amount;
  signed_on: CalendarDate | null;
  updated_at: ChangedAt;
}

export interface AssetTable {
  asset_id: Generated<number>;
  project_id: number;
  tag: string;
  kind: string;
  condition_score: number;
  latitude: number;
  longitude: number;
  installed_on: CalendarDate | null;
  attributes: Attributes;
  updated_at: ChangedAt;
}

export interface WorkOrderTable {
  work_order_id: Generated<number>;
  project_id: number;
  contract_id: number | null;
  asset_id: number | null;
  title: string;
  status: WorkOrderStatus;
  priority: number;
  assigned_to: string | null;
  due_on: CalendarDate | null;
  estimated_hours: Amount;
  updated_at: ChangedAt;
}

export interface InspectionTable {
  inspection_id: Generated<number>;
  asset_id: number;
  inspected_by: string;
  inspected_at: Date;
  result: InspectionResult;
  findings: Attributes;
}

/** The small relational schema of the field that comes with the demonstration (schema `public`). */
export interface FieldTables {
  organisations: OrganisationTable;
  projects: ProjectTable;
  contracts: ContractTable;
  assets: AssetTable;
  work_orders: WorkOrderTable;
  inspections: InspectionTable;
}
