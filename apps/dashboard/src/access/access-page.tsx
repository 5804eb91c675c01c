import { Alert, Button, Text } from '@mantine/core';
import { InfoIcon, LockIcon, PlusIcon } from 'lucide-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { sessionQuery } from '../api/queries';
import { Page } from '../layout/page';
import { isEverybody, useMay } from '../session/use-session';
import { texts } from '../texts/en';
import { CreateToken } from './create-token';
import { Tokens } from './tokens';

/** Who may come in, and what each may do. */
export function AccessPage() {
  const mayAdminister = useMay('administer');
  const { data: session } = useQuery(sessionQuery);
  const [creating, setCreating] = useState(false);
  if (!mayAdminister) {
    return (
      <Page title={texts.access.title} lead={texts.access.lead}>
        <Alert color="gray" icon={<LockIcon aria-hidden />}>
          {texts.access.mayNot}
        </Alert>
      </Page>
    );
  }
  const create = (
    <Button
      leftSection={<PlusIcon size={16} aria-hidden />}
      onClick={() => {
        setCreating(true);
      }}
    >
      {texts.access.create}
    </Button>
  );
  return (
    <Page title={texts.access.title} lead={texts.access.lead} aside={create}>
      {session != null && isEverybody(session) && (
        <Alert color="blue" icon={<InfoIcon aria-hidden />}>
          <Text size="sm">{texts.access.open}</Text>
        </Alert>
      )}
      <Tokens />
      {creating && (
        <CreateToken
          onClose={() => {
            setCreating(false);
          }}
        />
      )}
    </Page>
  );
}
