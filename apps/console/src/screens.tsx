import type { ReactNode } from 'react';
import { ChangesScreen } from './audit/changes-screen.js';
import { EntityScreen } from './audit/entity-screen.js';
import { CaptureScreen } from './capture/capture-screen.js';
import { DeadLetterScreen } from './dead-letters/dead-letter-screen.js';
import { DeadLettersScreen } from './dead-letters/dead-letters-screen.js';
import { RequestsScreen } from './requests/requests-screen.js';
import type { Role } from './session.js';
import { StoreScreen } from './store/store-screen.js';

/** One screen: its path, what it is called, and who may open it. */
export interface Screen {
  readonly path: string;
  /** The title of the browser's tab, from the path's parameters where it has any. */
  readonly title: (parameters: PathParameters) => string;
  /** Its name in the navigation; absent for screens that others lead to. */
  readonly area?: string;
  /** One of these roles is needed, as the API's routes demand it; any role when absent. */
  readonly roles?: readonly Role[];
  readonly render: (parameters: PathParameters) => ReactNode;
}

type PathParameters = Readonly<Record<string, string | undefined>>;

const auditRoles: readonly Role[] = ['auditor', 'operator', 'admin'];
const operatorRoles: readonly Role[] = ['operator', 'admin'];

/** Every screen of the console; a new area is one entry more. */
export const screens: readonly Screen[] = [
  { path: '/', area: 'Store', title: () => 'Store', render: () => <StoreScreen /> },
  {
    path: '/audit',
    area: 'Audit',
    title: () => 'Audit trail',
    roles: auditRoles,
    render: () => <ChangesScreen />,
  },
  {
    path: '/audit/:type/:id',
    title: ({ type, id }) => `${type} ${id}`,
    roles: auditRoles,
    render: ({ type = '', id = '' }) => <EntityScreen key={`${type} ${id}`} type={type} id={id} />,
  },
  {
    path: '/requests',
    area: 'Requests',
    title: () => 'Requests',
    roles: operatorRoles,
    render: () => <RequestsScreen />,
  },
  {
    path: '/capture',
    area: 'Capture',
    title: () => 'Change capture',
    roles: operatorRoles,
    render: () => <CaptureScreen />,
  },
  {
    path: '/dead-letters',
    area: 'Dead letters',
    title: () => 'Dead letters',
    roles: operatorRoles,
    render: () => <DeadLettersScreen />,
  },
  {
    path: '/dead-letters/:id',
    title: ({ id }) => `Dead letter ${id}`,
    roles: operatorRoles,
    render: ({ id = '' }) => <DeadLetterScreen key={id} id={id} />,
  },
];
