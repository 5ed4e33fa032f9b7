import { Combobox, createTheme, Drawer, Modal, type CSSVariablesResolver } from '@mantine/core';

/** Mantine's header of a dialog is a second banner of the page otherwise. */
const dialog = { closeButtonProps: { 'aria-label': 'Close' }, attributes: { header: { role: 'presentation' } } };

export const theme = createTheme({
  primaryColor: 'blue',
  // Light enough, and dark enough, for letters on them: WCAG 2.2, 1.4.3.
  primaryShade: { light: 8, dark: 8 },
  autoContrast: true,
  defaultRadius: 'md',
  components: {
    Modal: Modal.extend({ defaultProps: dialog }),
    Drawer: Drawer.extend({ defaultProps: dialog }),
    // A list beside its field is inside the landmark that the field is in.
    Combobox: Combobox.extend({ defaultProps: { withinPortal: false } }),
  },
});

/** Mantine's own dimmed text and links have too little contrast (WCAG 2.2, 1.4.3). */
export const colors: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    '--mantine-color-dimmed': 'var(--mantine-color-gray-7)',
    '--mantine-color-anchor': 'var(--mantine-color-blue-9)',
    '--mantine-color-placeholder': 'var(--mantine-color-gray-7)',
    '--mantine-color-error': 'var(--mantine-color-red-9)',
  },
  dark: {
    '--mantine-color-dimmed': 'var(--mantine-color-dark-1)',
    '--mantine-color-anchor': 'var(--mantine-color-blue-3)',
    '--mantine-color-placeholder': 'var(--mantine-color-dark-1)',
    '--mantine-color-error': 'var(--mantine-color-red-4)',
  },
});
