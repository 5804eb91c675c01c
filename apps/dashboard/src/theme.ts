import { createTheme, type MantineColorsTuple } from '@mantine/core';

/** A quiet green-blue: it must not be mistaken for "well" (green) or "bad" (red). */
const teal: MantineColorsTuple = [
  '#e6f7f7',
  '#d3ebeb',
  '#a7d7d7',
  '#78c2c3',
  '#52b1b2',
  '#3aa6a7',
  '#1c7c7d',
  '#176c6d',
  '#0d5a5b',
  '#034849',
];

/** Mantine with the product's colour, system fonts, and figures that stand below each other. */
export const theme = createTheme({
  primaryColor: 'understudy',
  colors: { understudy: teal },
  primaryShade: 6,
  autoContrast: true,
  luminanceThreshold: 0.35,
  fontFamily: 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", Arial, sans-serif',
  fontFamilyMonospace: 'ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace',
  headings: { fontWeight: '650' },
  defaultRadius: 'md',
  cursorType: 'pointer',
  respectReducedMotion: true,
  // A dialog's own <header> counts as a second banner of the page.
  components: { ModalHeader: { defaultProps: { role: 'presentation' } } },
});
