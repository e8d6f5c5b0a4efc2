import { createTheme } from '@mantine/core';

const systemFont = 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif';
const systemMonospace = 'ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace';

/** System fonts only, since the content security policy loads none; sizes for a dense screen. */
export const theme = createTheme({
  fontFamily: systemFont,
  fontFamilyMonospace: systemMonospace,
  fontSizes: { xs: '0.75rem', sm: '0.8125rem', md: '0.875rem', lg: '1rem', xl: '1.125rem' },
  colors: {
    harbour: [
      '#eef5fa',
      '#dbe8f1',
      '#b4d0e3',
      '#8ab6d5',
      '#68a1c9',
      '#5294c2',
      '#458dbf',
      '#2f719f',
      '#22648f',
      '#0f5680',
    ],
    dark: [
      '#c9d0d6',
      '#b3bbc2',
      '#8f99a2',
      '#66717a',
      '#3a4147',
      '#2d3338',
      '#23282c',
      '#1b1e21',
      '#171a1c',
      '#141618',
    ],
  },
  primaryColor: 'harbour',
  primaryShade: { light: 8, dark: 7 },
  defaultRadius: 'sm',
  cursorType: 'pointer',
});
