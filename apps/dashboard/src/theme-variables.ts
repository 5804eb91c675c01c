import type { CSSVariablesResolver } from '@mantine/core';

/** Texts on tinted grounds and quiet texts, dark enough to be read (4.5 to 1 and better). */
export const themeVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    '--mantine-color-dimmed': '#5c636a',
    '--mantine-color-placeholder': '#6b7279',
    '--mantine-color-green-light-color': '#1b5e2a',
    '--mantine-color-orange-light-color': '#8a3a00',
    '--mantine-color-yellow-light-color': '#6b4a00',
    '--mantine-color-blue-light-color': '#0b4f8a',
    '--mantine-color-red-light-color': '#a01c1c',
    '--mantine-color-gray-light-color': '#343a40',
    '--mantine-color-understudy-light-color': '#0d5a5b',
    '--mantine-color-red-outline': '#b02525',
    '--mantine-color-red-text': '#b02525',
  },
  dark: {
    '--mantine-color-dimmed': '#a6a7ab',
    '--mantine-color-placeholder': '#909296',
  },
});
