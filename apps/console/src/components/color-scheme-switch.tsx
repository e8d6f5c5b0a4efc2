import { ActionIcon, useComputedColorScheme, useMantineColorScheme } from '@mantine/core';

const sun = 'M12 3v2M12 19v2M3 12h2M19 12h2M5.6 5.6 7 7M17 17l1.4 1.4M18.4 5.6 17 7M7 17l-1.4 1.4';
const moon = 'M20 14.5A8 8 0 0 1 9.5 4a8 8 0 1 0 10.5 10.5Z';

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
