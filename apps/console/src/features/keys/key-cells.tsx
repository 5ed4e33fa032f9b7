import { Text } from '@mantine/core';
import type { ReactNode } from 'react';

/** A cell that breaks between words, so that a long list does not widen the table without end. */
export const WrappedCell = ({ children }: { readonly children: ReactNode }) => (
  <Text fz="sm" miw={90} maw={260} style={{ overflowWrap: 'break-word' }}>
    {children}
  </Text>
);

/** A cell that stays on its line and is not made narrower than it is. */
export const PlainCell = ({ children }: { readonly children: ReactNode }) => (
  <div style={{ whiteSpace: 'nowrap', width: 'max-content' }}>{children}</div>
);

/** The day alone, where the minute would take the place of others; it is told on hover and in the details. */
export const DayCell = ({ at }: { readonly at: string }) => (
  <time dateTime={at} title={at} style={{ whiteSpace: 'nowrap' }}>
    {at.slice(0, 10)}
  </time>
);
