import { Badge } from '@mantine/core';

export interface ToldBadgeProps {
  readonly words: string;
  readonly color: string;
}

/** The color is on the border alone: as letters it has too little contrast on white (WCAG 2.2, 1.4.3). */
export const ToldBadge = ({ words, color }: ToldBadgeProps) => (
  <Badge variant="outline" color={color} c="var(--mantine-color-text)" tt="none" style={{ minWidth: 'max-content' }}>
    {words}
  </Badge>
);
