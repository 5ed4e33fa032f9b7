import { AppShell, Button, Group, NavLink, Text, useComputedColorScheme, useMantineColorScheme } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { Link, Outlet, useRouterState } from '@tanstack/react-router';
import { useEffect } from 'react';
import { useSession, type Session } from './session.tsx';
import classes from './shell.module.css';

interface Section {
  readonly label: string;
  readonly to: '/' | '/templates' | '/schedules' | '/runs' | '/keys' | '/migration' | '/upstream' | '/audit';
  readonly isFor: (session: Session) => boolean;
}

const sections: readonly Section[] = [
  { label: 'Reports', to: '/', isFor: () => true },
  { label: 'Templates', to: '/templates', isFor: ({ may }) => may('templates:publish') },
  { label: 'Schedules', to: '/schedules', isFor: ({ may }) => may('schedules:write') },
  { label: 'Runs', to: '/runs', isFor: ({ may }) => may('schedules:write') },
  { label: 'Migration', to: '/migration', isFor: ({ caller }) => caller !== null },
  { label: 'Keys', to: '/keys', isFor: ({ may }) => may('keys:write') },
  { label: 'CertCentral', to: '/upstream', isFor: ({ may }) => may('admin') },
  { label: 'Audit log', to: '/audit', isFor: ({ may }) => may('admin') },
];

const navigationId = 'sections';

/** Header, navigation and the page. */
export function Shell() {
  const session = useSession();
  const [isOpen, { toggle, close }] = useDisclosure(false);
  const path = useRouterState({ select: ({ location }) => location.pathname });
  const { setColorScheme } = useMantineColorScheme();
  const isDark = useComputedColorScheme('light') === 'dark';
  useEffect(close, [path, close]);
  const isAt = (to: string) => (to === '/' ? path === '/' || path.startsWith('/reports/') : path.startsWith(to));
  return (
    <AppShell
      header={{ height: 56 }}
      navbar={{ width: 200, breakpoint: 'sm', collapsed: { mobile: !isOpen } }}
      padding="md"
    >
      <AppShell.Header>
        <Group h="100%" px="md" justify="space-between" wrap="nowrap">
          <Group gap="xs" wrap="nowrap">
            <Button
              size="compact-sm"
              variant="default"
              hiddenFrom="sm"
              onClick={toggle}
              aria-expanded={isOpen}
              aria-controls={navigationId}
            >
              Menu
            </Button>
            <Text fw={700} size="lg">
              Certfolio
            </Text>
          </Group>
          <Group gap="xs" wrap="nowrap">
            <Text size="sm" c="dimmed" visibleFrom="xs">
              {session.caller === null ? 'A key for reports' : `${session.caller.name} (${session.caller.owner})`}
            </Text>
            <Button size="compact-sm" variant="default" onClick={() => setColorScheme(isDark ? 'light' : 'dark')}>
              {isDark ? 'Light' : 'Dark'}
            </Button>
            <Button size="compact-sm" variant="default" onClick={session.signOut}>
              Sign out
            </Button>
          </Group>
        </Group>
      </AppShell.Header>
      <AppShell.Navbar p="xs" id={navigationId} aria-label="Sections" className={isOpen ? undefined : classes.closed}>
        {sections
          .filter(({ isFor }) => isFor(session))
          .map(({ label, to }) => (
            <NavLink
              key={to}
              component={Link}
              to={to}
              label={label}
              onClick={close}
              active={isAt(to)}
              variant="filled"
              aria-current={isAt(to) ? 'page' : undefined}
            />
          ))}
      </AppShell.Navbar>
      <AppShell.Main>
        <Outlet />
      </AppShell.Main>
    </AppShell>
  );
}
