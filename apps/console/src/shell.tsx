import { ActionIcon, Button, Menu, useComputedColorScheme, useMantineColorScheme } from '@mantine/core';
import { useDocumentTitle } from '@mantine/hooks';
import { useEffect, useRef, type ReactNode } from 'react';
import { Link, Route, Switch, useLocation } from 'wouter';
import { Notice } from './components/notices.js';
import { screens, type Screen } from './screens.js';
import { endSession, type Session } from './session.js';
import styles from './shell.module.css';

/** What surrounds every screen: navigation, the user's menu, and the area that the screens take turns in. */
export function Shell({ session }: { session: Session }) {
  const [location] = useLocation();
  const admits = ({ roles }: Screen) => !roles || roles.some((role) => session.roles.includes(role));
  return (
    <>
      <a className="skip-link" href="#main">
        Skip to the content
      </a>
      <header className={styles.header}>
        <div className={styles.content}>
          <Link href="/" className={styles.brand} aria-label="InfraTraq, to the store">
            <img src="/mark.svg" alt="" width={24} height={24} />
            <span>InfraTraq</span>
          </Link>
          <nav aria-label="Areas" className={styles.areas}>
            {screens.filter(admits).map(
              ({ path, area }) =>
                area && (
                  <Link
                    key={path}
                    href={path}
                    className={styles.area}
                    aria-current={isWithin(location, path) ? 'page' : undefined}
                    data-testid="area"
                  >
                    {area}
                  </Link>
                ),
            )}
            <a href="/docs/" className={styles.area}>
              API reference
            </a>
          </nav>
          <ColorSchemeSwitch />
          <UserMenu session={session} />
        </div>
      </header>
      <Switch>
        {screens.map((screen) => (
          <Route key={screen.path} path={screen.path}>
            {(parameters) => (
              <Page title={screen.title(parameters)}>
                {admits(screen) ? screen.render(parameters) : <NotAdmitted screen={screen} />}
              </Page>
            )}
          </Route>
        ))}
        <Route>
          <Page title="No such page">
            <Notice title="No such page" testid="no-such-page">
              There is nothing at {location}. <Link href="/">Go to the store</Link>
            </Notice>
          </Page>
        </Route>
      </Switch>
    </>
  );
}

function isWithin(location: string, path: string): boolean {
  return location === path || (path !== '/' && location.startsWith(`${path}/`));
}

/** Names the page in the browser's tab, and moves the focus to it when a link has led here. */
function Page({ title, children }: { title: string; children: ReactNode }) {
  const [location] = useLocation();
  const main = useRef<HTMLElement>(null);
  const shown = useRef(location);
  useDocumentTitle(`${title} · InfraTraq`);
  useEffect(() => {
    if (shown.current !== location) main.current?.focus();
    shown.current = location;
  }, [location]);
  return (
    <main id="main" ref={main} tabIndex={-1} className={styles.main}>
      {children}
    </main>
  );
}

function NotAdmitted({ screen }: { screen: Screen }) {
  return (
    <Notice title="Your roles do not open this page" testid="not-admitted">
      It needs one of these: {screen.roles?.join(', ')}. Sign in as somebody who has it.
    </Notice>
  );
}

function UserMenu({ session }: { session: Session }) {
  return (
    <Menu position="bottom-end" withinPortal={false}>
      <Menu.Target>
        <Button variant="default" size="xs" data-testid="user-menu">
          {session.user}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <div className={styles.roles}>{session.roles.join(', ')}</div>
        <Menu.Item onClick={() => endSession()} data-testid="sign-out">
          Sign out
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

const sun = 'M12 3v2M12 19v2M3 12h2M19 12h2M5.6 5.6 7 7M17 17l1.4 1.4M18.4 5.6 17 7M7 17l-1.4 1.4';
const moon = 'M20 14.5A8 8 0 0 1 9.5 4a8 8 0 1 0 10.5 10.5Z';

/** Follows the system until it is pressed. */
export function ColorSchemeSwitch() {
  const { setColorScheme } = useMantineColorScheme();
  const scheme = useComputedColorScheme('light', { getInitialValueInEffect: false });
  const other = scheme === 'light' ? 'dark' : 'light';
  return (
    <ActionIcon
      variant="subtle"
      color="gray"
      size="lg"
      aria-label={`Switch to ${other} colours`}
      data-testid="color-scheme"
      onClick={() => setColorScheme(other)}
    >
      <svg width="18" height="18" viewBox="0 0 24 24" fill="none" stroke="currentColor" strokeWidth="1.8">
        <path d={scheme === 'light' ? moon : sun} strokeLinecap="round" strokeLinejoin="round" />
        {scheme === 'dark' && <circle cx="12" cy="12" r="4" />}
      </svg>
    </ActionIcon>
  );
}
