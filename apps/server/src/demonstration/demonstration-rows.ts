import type { Insertable } from 'kysely';
import type {
  AssetTable,
  ContractTable,
  InspectionTable,
  OrganisationTable,
  ProjectTable,
  WorkOrderTable,
} from './field-tables.js';

/** Rows are made from their number alone, so that every load gives the same demonstration. */
const numbers = (count: number) => Array.from({ length: count }, (_, index) => index + 1);
const pick = <Item>(items: readonly Item[], index: number): Item => items[index % items.length] as Item;
const date = (dayOffset: number) =>
  new Date(Date.UTC(2025, 0, 6) + dayOffset * 86_400_000).toISOString().slice(0, 10);
const spread = (index: number, modulus: number) => (index * 7919) % modulus;

export const organisations: Insertable<OrganisationTable>[] = [
  {
    name: 'City Transport Authority',
    kind: 'authority',
    country_code: 'NL',
    registration_number: '30164201',
  },
  { name: 'Regional Water Board', kind: 'client', country_code: 'NL', registration_number: '50164202' },
  { name: 'Northern Civil Works', kind: 'contractor', country_code: 'DE', registration_number: 'HRB 64203' },
  {
    name: 'Delta Engineering Consultants',
    kind: 'consultant',
    country_code: 'BE',
    registration_number: null,
  },
  {
    name: 'Precast and Steel Supply',
    kind: 'supplier',
    country_code: 'PL',
    registration_number: '0000164205',
  },
];

const projectNames = [
  'Ring road bridge renewal',
  'Tram line 7 extension',
  'Harbour flood barrier',
  'Central station canopy',
  'East trunk sewer relining',
  'Canal lock 12 refurbishment',
  'Substation 4 replacement',
  'Cycle tunnel Westpark',
  'Pumping station Zuid',
  'Motorway interchange 3 widening',
  'Reservoir dam safety upgrade',
  'Street lighting conversion',
];

export const projects: Insertable<ProjectTable>[] = projectNames.map((name, index) => ({
  code: `PRJ-${String(index + 1).padStart(3, '0')}`,
  name,
  client_id: 1 + (index % 2),
  status: pick(['construction', 'design', 'construction', 'planned', 'completed', 'on_hold'], index),
  budget_amount: `${1_250_000 + spread(index + 1, 40) * 875_000}.50`,
  currency: 'EUR',
  starts_on: date(index * 31),
  ends_on: index % 5 === 3 ? null : date(index * 31 + 540),
  latitude: 51.9 + spread(index, 100) / 250,
  longitude: 4.4 + spread(index + 5, 100) / 250,
  attributes: JSON.stringify({
    phase: 1 + (index % 4),
    permits: [`P-${2025}-${100 + index}`],
    tunnelled: index === 7,
  }),
}));

const works = ['Earthworks', 'Foundations', 'Steelwork', 'Drainage', 'Electrical installation', 'Surfacing'];

export const contracts: Insertable<ContractTable>[] = numbers(30).map((number) => ({
  project_id: 1 + ((number - 1) % projects.length),
  contractor_id: pick([3, 4, 5], number),
  reference: `CT-2025-${String(number).padStart(4, '0')}`,
  title: `${pick(works, number)}, lot ${1 + (number % 3)}`,
  status: pick(['active', 'signed', 'active', 'draft', 'closed'], number),
  amount: `${85_000 + spread(number, 97) * 23_450}.${String(spread(number, 100)).padStart(2, '0')}`,
  retention_percent: pick(['5.00', '10.00', '2.50'], number),
  signed_on: number % 5 === 3 ? null : date(number * 9),
}));

const assetKinds = [
  'bridge bearing',
  'pump',
  'signal',
  'transformer',
  'manhole',
  'retaining wall',
  'switch',
  'luminaire',
];

export const assets: Insertable<AssetTable>[] = numbers(120).map((number) => ({
  project_id: 1 + ((number - 1) % projects.length),
  tag: `AS-${String(number).padStart(5, '0')}`,
  kind: pick(assetKinds, number),
  condition_score: 35 + spread(number, 66),
  latitude: 51.9 + spread(number, 400) / 1000,
  longitude: 4.4 + spread(number + 3, 400) / 1000,
  installed_on: number % 9 === 0 ? null : date(-2000 + number * 13),
  attributes: JSON.stringify({
    manufacturer_code: `M${spread(number, 40)}`,
    rated_kw: number % 4 === 1 ? 45.5 : null,
  }),
}));

const tasks = [
  'Replace seal on',
  'Survey',
  'Repair coating of',
  'Commission',
  'Clear blockage at',
  'Calibrate',
];

export const workOrders: Insertable<WorkOrderTable>[] = numbers(80).map((number) => ({
  project_id: 1 + ((number - 1) % projects.length),
  contract_id: number % 3 === 0 ? null : 1 + ((number - 1) % contracts.length),
  asset_id: number,
  title: `${pick(tasks, number)} ${pick(assetKinds, number)} AS-${String(number).padStart(5, '0')}`,
  status: pick(['open', 'scheduled', 'in_progress', 'done', 'blocked', 'done'], number),
  priority: 1 + (number % 5),
  assigned_to: number % 7 === 0 ? null : `u-engineer-${1 + (number % 3)}`,
  due_on: number % 10 === 0 ? null : date(300 + number * 4),
  estimated_hours: `${2 + spread(number, 60)}.${pick(['00', '50', '25'], number)}`,
}));

export const inspections: Insertable<InspectionTable>[] = numbers(60).map((number) => ({
  asset_id: number * 2,
  inspected_by: `u-inspector-${1 + (number % 2)}`,
  inspected_at: new Date(Date.UTC(2026, 0, 5, 8, 30) + number * 93_600_000),
  result: pick(['passed', 'passed', 'passed_with_remarks', 'failed'], number),
  findings: JSON.stringify({
    cracks_mm: number % 4 === 2 ? [0.2, 0.35] : [],
    photographs: number % 6,
    remark: number % 4 === 3 ? 'Corrosion at the lower flange, monitor quarterly' : null,
  }),
}));
