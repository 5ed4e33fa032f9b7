import { Text } from '@mantine/core';
import type { Column } from '../../parts/data-table.tsx';
import type { RouteAnswer } from './migration-answer.ts';
import { progressColumns } from './progress-columns.tsx';
import { RouteActions } from './route-actions.tsx';
import { RouteState } from './route-state.tsx';

export const routeColumns = (days: number): readonly Column<RouteAnswer>[] => [
  { title: 'Route', cell: (route) => <RouteName route={route} /> },
  { title: 'State', cell: (route) => <RouteState {...route} /> },
  // Before the figures, so that nobody has to scroll to act.
  { title: 'Actions', cell: (route) => <RouteActions route={route} days={days} /> },
  ...progressColumns,
];

const RouteName = ({ route: { route, name } }: { readonly route: RouteAnswer }) => (
  <>
    <code style={{ whiteSpace: 'nowrap' }}>{route}</code>
    {name !== null && (
      <Text size="xs" c="dimmed">
        {name}
      </Text>
    )}
  </>
);
