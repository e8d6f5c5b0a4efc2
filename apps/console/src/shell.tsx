import { ActionIcon, Button, Title, useComputedColorScheme, useMantineColorScheme } from '@mantine/core';
import { useDocumentTitle } from '@mantine/hooks';
import { useEffect, useRef, type ReactNode } from 'react';
import { Link, Route, Switch, useLocation } from 'wouter';
import { screens, type Screen } from './screens.js';
import { endSession, type Session } from './session.js';
import styles from './shell.module.css';

const mainId = 'main';

/** What surrounds every screen: navigation, the user's menu, and the area that the screens take turns in. */
export function Shell({ session }: { session: Session }) {
  const [location] = useLocation();
  useFocusOnNavigation(location);
  const admits = ({ roles }: Screen) => !roles || roles.some((role) => session.roles.includes(role));
  return (
    <>
      <a className="skip-link" href={`#${mainId}`}>
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
          <div className={styles.user} title={`Roles: ${session.roles.join(', ')}`} data-testid="user">
            {session.user}
            <span className="quiet">{session.roles.join(', ')}</span>
          </div>
          <Button variant="default" size="xs" onClick={() => endSession()} data-testid="sign-out">
            Sign out
          </Button>
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
            <Instead title="No such page" testid="no-such-page">
              There is nothing at {location}. <Link href="/">Go to the store.</Link>
            </Instead>
          </Page>
        </Route>
      </Switch>
    </>
  );
}

function isWithin(location: string, path: string): boolean {
  return location === path || (path !== '/' && location.startsWith(`${path}/`));
}

/** One screen, named in the browser's tab. */
function Page({ title, children }: { title: string; children: ReactNode }) {
  useDocumentTitle(`${title} · InfraTraq`);
  return (
    <main id={mainId} tabIndex={-1} className={styles.main}>
      {children}
    </main>
  );
}

/** Moves the focus to the screen that a link has led to. */
function useFocusOnNavigation(location: string): void {
  const shown = useRef(location);
  useEffect(() => {
    if (shown.current !== location) document.getElementById(mainId)?.focus();
    shown.current = location;
  }, [location]);
}

function NotAdmitted({ screen }: { screen: Screen }) {
  return (
    <Instead title="Your roles do not open this page" testid="not-admitted">
      It needs one of these: {screen.roles?.join(', ')}.
    </Instead>
  );
}

/** What stands in the place of a screen. */
function Instead({ title, testid, children }: { title: string; testid: string; children: ReactNode }) {
  return (
    <div data-testid={testid}>
      <Title order={1} size="h3">
        {title}
      </Title>
      <p className="quiet">{children}</p>
    </div>
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
