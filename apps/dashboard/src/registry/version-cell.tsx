import { Anchor, Badge, Button, CopyButton, Group, Text } from '@mantine/core';
import { CopyIcon, ExternalLinkIcon } from 'lucide-react';
import type { Deployment, RegisteredVersion } from '../api/types';
import { texts } from '../texts/en';
import classes from './versions.module.css';

interface VersionCellProps {
  readonly version: RegisteredVersion;
  readonly deployment: Deployment | undefined;
}

/** What a version is: number, aliases, tags, where it is in use; and why it cannot be served, where it cannot. */
export function VersionCell({ version, deployment }: VersionCellProps) {
  const holding = (['current', 'next', 'previous'] as const).filter(
    (slot) => deployment?.actual[slot]?.uri === version.uri,
  );
  return (
    <div role="cell" className={classes['what']}>
      <Group gap={6}>
        <Text fw={650} size="sm" {...(version.servable ? {} : { c: 'dimmed' })}>
          v{version.version}
        </Text>
        {version.aliases.map((alias) => (
          <Badge key={alias} variant="default" size="sm" tt="none">
            @{alias}
          </Badge>
        ))}
        {version.stage !== null && (
          <Badge variant="default" size="sm" tt="none">
            {version.stage}
          </Badge>
        )}
        {holding.map((slot) => (
          <Badge key={slot} variant="light" autoContrast size="sm" tt="none">
            {texts.registry.servedBy(slot)}
          </Badge>
        ))}
        {version.run?.url != null && (
          <Anchor
            href={version.run.url}
            target="_blank"
            rel="noreferrer"
            size="xs"
            aria-label={texts.registry.runOf(`v${version.version}`)}
          >
            {texts.registry.run} <ExternalLinkIcon size={12} aria-hidden />
          </Anchor>
        )}
      </Group>
      {version.servable ? (
        <Text size="xs" c="dimmed" lineClamp={2}>
          {[version.description, version.flavors.join(', ')].filter(Boolean).join(' · ')}
        </Text>
      ) : (
        <NotServable version={version} />
      )}
    </div>
  );
}

/** The sentence names the command that helps; it is there to be copied where it is run. */
function NotServable({ version }: { readonly version: RegisteredVersion }) {
  const { notServableBecause, makeServableWith } = version;
  return (
    <>
      <Text size="xs" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
        {texts.registry.notServable}: {notServableBecause ?? ''}
      </Text>
      {makeServableWith !== null && (
        <CopyButton value={makeServableWith}>
          {({ copied, copy }) => (
            <Button
              size="compact-xs"
              mt={4}
              variant="default"
              leftSection={<CopyIcon size={14} aria-hidden />}
              title={makeServableWith}
              onClick={copy}
            >
              {copied ? texts.copied : texts.registry.copyCommand}
            </Button>
          )}
        </CopyButton>
      )}
    </>
  );
}
