import { Button, Grid, NavLink, Paper, Select, Skeleton, Stack, Text, TextInput, Title } from '@mantine/core';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { deploymentsQuery, modelsQuery } from '../api/queries';
import type { Deployment } from '../api/types';
import { ProblemNotice } from '../components/problem-notice';
import { ChangeDialog } from '../deployment/change-dialog';
import { EmptyState, Page } from '../layout/page';
import { useMay } from '../session/use-session';
import { texts } from '../texts/en';
import { Versions } from './versions';
import classes from './versions.module.css';

const route = getRouteApi('/registry');

/** What could I load, and is it better? */
export function RegistryPage() {
  const { model, into } = route.useSearch();
  const navigate = useNavigate();
  const { data: deployments = [] } = useQuery(deploymentsQuery);
  const { data, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery(modelsQuery);
  const [loading, setLoading] = useState<{ uri: string; deployment: Deployment } | null>(null);
  const mayOperate = useMay('operate');
  const models = data?.pages.flatMap((page) => page.models);
  const deployment = deployments.find(({ name }) => name === into) ?? deployments[0];
  const chosen = model ?? deployment?.actual.current?.name ?? models?.[0]?.name;
  const go = (search: { model?: string; into?: string }): void => {
    void navigate({ to: '/registry', search: { ...(model === undefined ? {} : { model }), ...search } });
  };
  return (
    <Page
      title={texts.registry.title}
      lead={texts.registry.lead}
      aside={
        deployments.length > 1 && (
          <Select
            aria-label={texts.registry.into}
            data={deployments.map(({ name }) => name)}
            value={deployment?.name ?? null}
            allowDeselect={false}
            searchable
            onChange={(name) => {
              if (name !== null) go({ into: name });
            }}
          />
        )
      }
    >
      {error !== null && <ProblemNotice title={texts.registry.failed} error={error} onRetry={() => void refetch()} />}
      {models === undefined && error === null && <RegistrySkeleton />}
      {models?.length === 0 && (
        <EmptyState>
          {texts.registry.none} {texts.registry.noneHelp}
        </EmptyState>
      )}
      {models !== undefined && models.length > 0 && (
        <Grid gap="md">
          <Grid.Col span={{ base: 12, md: 3, xl: 2 }}>
            <Models
              models={models}
              chosen={chosen}
              onChoose={(name) => {
                go({ model: name, ...(into === undefined ? {} : { into }) });
              }}
              more={
                hasNextPage && (
                  <Button variant="subtle" loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
                    {texts.more}
                  </Button>
                )
              }
            />
          </Grid.Col>
          <Grid.Col span={{ base: 12, md: 9, xl: 10 }}>
            {chosen === undefined ? (
              <Text>{texts.registry.choose}</Text>
            ) : (
              <Stack>
                <Title order={2} size="h4" style={{ overflowWrap: 'anywhere' }}>
                  {chosen}
                </Title>
                <Versions
                  key={chosen}
                  model={chosen}
                  deployment={deployment}
                  mayOperate={mayOperate}
                  onLoad={(uri) => {
                    if (deployment !== undefined) setLoading({ uri, deployment });
                  }}
                />
              </Stack>
            )}
          </Grid.Col>
        </Grid>
      )}
      {loading !== null && (
        <ChangeDialog
          request={{ change: { kind: 'load-next', modelUri: loading.uri }, deployment: loading.deployment }}
          onClose={() => {
            void navigate({ to: '/deployments/$name', params: { name: loading.deployment.name } });
          }}
          onCancel={() => {
            setLoading(null);
          }}
        />
      )}
    </Page>
  );
}

interface ModelsProps {
  readonly models: readonly { readonly name: string; readonly latestVersion: string | null }[];
  readonly chosen: string | undefined;
  readonly onChoose: (name: string) => void;
  readonly more: ReactNode;
}

/** More models than this get a field to find one. */
const FEW_MODELS = 8;

function bringIntoSight(entry: HTMLElement | null): void {
  entry?.scrollIntoView({ block: 'nearest' });
}

function Models({ models, chosen, onChoose, more }: ModelsProps) {
  const [text, setText] = useState('');
  const found = models.filter(({ name }) => name.toLowerCase().includes(text.trim().toLowerCase()));
  return (
    <Paper withBorder p="xs" component="nav" aria-label={texts.registry.models}>
      {models.length > FEW_MODELS && (
        <TextInput
          size="xs"
          mb="xs"
          aria-label={texts.registry.findModel}
          placeholder={texts.registry.findModel}
          value={text}
          onChange={({ currentTarget: { value } }) => {
            setText(value);
          }}
        />
      )}
      <Stack gap={0} className={classes['models']}>
        {found.map(({ name, latestVersion }) => (
          <NavLink
            key={name}
            component="button"
            label={name}
            description={latestVersion === null ? undefined : `v${latestVersion}`}
            active={name === chosen}
            aria-current={name === chosen ? 'true' : undefined}
            {...(name === chosen ? { ref: bringIntoSight } : {})}
            style={{ overflowWrap: 'anywhere' }}
            onClick={() => {
              onChoose(name);
            }}
          />
        ))}
        {found.length === 0 && <Text size="sm">{texts.registry.noModelFound(text.trim())}</Text>}
        {more}
      </Stack>
    </Paper>
  );
}

function RegistrySkeleton() {
  return (
    <Grid gap="md" role="status" aria-busy aria-label={texts.loading}>
      <Grid.Col span={{ base: 12, md: 3 }}>
        <Skeleton h={120} />
      </Grid.Col>
      <Grid.Col span={{ base: 12, md: 9 }}>
        <Skeleton h={300} />
      </Grid.Col>
    </Grid>
  );
}
