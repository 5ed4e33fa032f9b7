import { createHashHistory, createRootRoute, createRoute, createRouter } from '@tanstack/react-router';
import { AuditPage } from './features/audit/audit-page.tsx';
import { KeysPage } from './features/keys/keys-page.tsx';
import { MigrationPage } from './features/migration/migration-page.tsx';
import { ReportPage } from './features/reports/report-page.tsx';
import { ReportsPage } from './features/reports/reports-page.tsx';
import { valuesOfSearch } from './features/reports/variable-values.ts';
import { RunsPage } from './features/runs/runs-page.tsx';
import { SchedulesPage } from './features/schedules/schedules-page.tsx';
import { UpstreamPage } from './features/upstream/upstream-page.tsx';
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

const reports = createRoute({ getParentRoute: () => root, path: '/', component: ReportsPage });
const report = createRoute({
  getParentRoute: () => root,
  path: '/reports/$name',
  /** Values of variables, so that an address is a report with what it was asked. */
  validateSearch: valuesOfSearch,
  component: function ReportOfAddress() {
    const { name } = report.useParams();
    // Another report begins anew.
    return <ReportPage key={name} name={name} />;
  },
});
const schedules = createRoute({ getParentRoute: () => root, path: '/schedules', component: SchedulesPage });
const runs = createRoute({ getParentRoute: () => root, path: '/runs', component: RunsPage });
const keys = createRoute({ getParentRoute: () => root, path: '/keys', component: KeysPage });
const migration = createRoute({ getParentRoute: () => root, path: '/migration', component: MigrationPage });
const upstream = createRoute({ getParentRoute: () => root, path: '/upstream', component: UpstreamPage });
const audit = createRoute({ getParentRoute: () => root, path: '/audit', component: AuditPage });

/** Pages stand behind `#`, so that the gateway has one file to serve and any path prefix will do. */
export const router = createRouter({
  routeTree: root.addChildren([reports, report, schedules, runs, keys, migration, upstream, audit]),
  history: createHashHistory(),
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
