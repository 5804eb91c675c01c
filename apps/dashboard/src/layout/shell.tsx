import { ActionIcon, AppShell, Burger, Group, NavLink, Text, Tooltip, useMantineColorScheme } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import {
  BookTextIcon,
  HistoryIcon,
  KeyRoundIcon,
  LayoutDashboardIcon,
  LibraryIcon,
  MonitorIcon,
  MoonIcon,
  ServerIcon,
  SunIcon,
  type LucideIcon,
} from 'lucide-react';
import { Link, Outlet, useLocation } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { texts } from '../texts/en';
import { Mark } from './mark';

interface Place {
  readonly to: '/' | '/registry' | '/history' | '/replicas' | '/access';
  readonly label: string;
  readonly icon: LucideIcon;
}

const PLACES: readonly Place[] = [
  { to: '/', label: texts.nav.overview, icon: LayoutDashboardIcon },
  { to: '/registry', label: texts.nav.registry, icon: LibraryIcon },
  { to: '/history', label: texts.nav.history, icon: HistoryIcon },
  { to: '/replicas', label: texts.nav.system, icon: ServerIcon },
  { to: '/access', label: texts.nav.access, icon: KeyRoundIcon },
];

/** The frame of every page: where am I, where can I go, who am I. */
export function Shell({ account, banner }: { readonly account: ReactNode; readonly banner: ReactNode }) {
  const [opened, { toggle, close }] = useDisclosure();
  const { pathname } = useLocation();
  return (
    <AppShell
      header={{ height: 56 }}
      navbar={{ width: 200, breakpoint: 'sm', collapsed: { mobile: !opened } }}
      padding={{ base: 'sm', sm: 'lg' }}
    >
      <a className="skip-link" href="#content">
        {texts.nav.skip}
      </a>
      <AppShell.Header>
        <Group h="100%" px="md" justify="space-between" wrap="nowrap">
          <Group gap="xs" wrap="nowrap">
            <Burger opened={opened} onClick={toggle} hiddenFrom="sm" size="sm" aria-label={texts.nav.menu} />
            <Mark />
            <Text fw={700} fz="lg">
              {texts.product}
            </Text>
          </Group>
          <Group gap="xs" wrap="nowrap">
            {account}
            <ColorSchemeButton />
          </Group>
        </Group>
      </AppShell.Header>
      <AppShell.Navbar p="xs" component="nav" aria-label={texts.product}>
        {PLACES.map(({ to, label, icon: Icon }) => (
          <NavLink
            key={to}
            component={Link}
            to={to}
            label={label}
            leftSection={<Icon size={18} aria-hidden />}
            active={to === '/' ? pathname === '/' || pathname.startsWith('/deployments') : pathname.startsWith(to)}
            onClick={close}
          />
        ))}
        <NavLink
          href="/docs"
          target="_blank"
          rel="noreferrer"
          label={texts.nav.apiDocs}
          leftSection={<BookTextIcon size={18} aria-hidden />}
        />
      </AppShell.Navbar>
      <AppShell.Main id="content" tabIndex={-1}>
        {/* In sight however far somebody scrolled: what they are about to press may rest on old data. */}
        <div style={{ position: 'sticky', top: 'calc(var(--app-shell-header-height) + 8px)', zIndex: 50 }}>
          {banner}
        </div>
        <Outlet />
      </AppShell.Main>
    </AppShell>
  );
}

const SCHEMES = {
  light: { icon: SunIcon, after: 'dark' },
  dark: { icon: MoonIcon, after: 'auto' },
  auto: { icon: MonitorIcon, after: 'light' },
} as const;

function ColorSchemeButton() {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const { icon: Icon, after } = SCHEMES[colorScheme];
  const label = `${texts.theme.label}: ${texts.theme[colorScheme]}`;
  return (
    <Tooltip label={label}>
      <ActionIcon
        variant="default"
        size="lg"
        aria-label={label}
        onClick={() => {
          setColorScheme(after);
        }}
      >
        <Icon size={18} aria-hidden />
      </ActionIcon>
    </Tooltip>
  );
}
