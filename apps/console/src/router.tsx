import {
  createHashHistory,
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
} from '@tanstack/react-router';
import { valuesOfSearch } from './features/reports/variable-values.ts';
import { Failure } from './parts/failure.tsx';
import { Page } from './parts/page.tsx';
import { Shell } from './shell.tsx';

const root = createRootRoute({
  component: Shell,
  notFoundComponent: () => <Page title="Nothing here">This address of the console is not known.</Page>,
  errorComponent: ({ error }) => (
    <Page title="Something broke">
      <Failure error={error instanceof Error ? error : new Error(String(error))} />
    </Page>
  ),
});

const reports = createRoute({
  getParentRoute: () => root,
  path: '/',
  component: lazyRouteComponent(() => import('./features/reports/reports-page.tsx'), 'ReportsPage'),
});
const report = createRoute({
  getParentRoute: () => root,
  path: '/reports/$name',
  /** Values of variables, so that an address is a report with what it was asked. */
  validateSearch: valuesOfSearch,
  component: lazyRouteComponent(() => import('./features/reports/report-page.tsx'), 'ReportPage'),
  // Another report begins anew.
  remountDeps: ({ params }) => params,
});
const templates = createRoute({
  getParentRoute: () => root,
  path: '/templates',
  component: lazyRouteComponent(() => import('./features/templates/templates-page.tsx'), 'TemplatesPage'),
});
const schedules = createRoute({
  getParentRoute: () => root,
  path: '/schedules',
  component: lazyRouteComponent(() => import('./features/schedules/schedules-page.tsx'), 'SchedulesPage'),
});
const runs = createRoute({
  getParentRoute: () => root,
  path: '/runs',
  component: lazyRouteComponent(() => import('./features/runs/runs-page.tsx'), 'RunsPage'),
});
const keys = createRoute({
  getParentRoute: () => root,
  path: '/keys',
  component: lazyRouteComponent(() => import('./features/keys/keys-page.tsx'), 'KeysPage'),
});
const migration = createRoute({
  getParentRoute: () => root,
  path: '/migration',
  component: lazyRouteComponent(() => import('./features/migration/migration-page.tsx'), 'MigrationPage'),
});
const upstream = createRoute({
  getParentRoute: () => root,
  path: '/upstream',
  component: lazyRouteComponent(() => import('./features/upstream/upstream-page.tsx'), 'UpstreamPage'),
});
const audit = createRoute({
  getParentRoute: () => root,
  path: '/audit',
  component: lazyRouteComponent(() => import('./features/audit/audit-page.tsx'), 'AuditPage'),
});

/** A section's code is fetched when it is opened. Pages stand behind `#`, so that the gateway has one file to serve and any path prefix will do. */
export const router = createRouter({
  routeTree: root.addChildren([reports, report, templates, schedules, runs, keys, migration, upstream, audit]),
  history: createHashHistory(),
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
