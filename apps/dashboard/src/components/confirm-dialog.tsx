import { Button, Group, Modal, Stack, Textarea } from '@mantine/core';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { texts } from '../texts/en';
import { ProblemNotice } from './problem-notice';
import { useReturnFocus } from './use-return-focus';

interface ConfirmDialogProps {
  readonly opened: boolean;
  readonly title: string;
  /** What will happen, with the deployment, the versions and the split. */
  readonly children: ReactNode;
  /** The verb and what it is done to: `Promote fraud v13`. */
  readonly action: string;
  readonly dangerous?: boolean;
  /** Whether everything that the change needs was given. */
  readonly ready?: boolean;
  readonly pending: boolean;
  readonly error: Error | null;
  readonly onConfirm: (reason: string) => void;
  readonly onClose: () => void;
}

/** One question before anything changes. The focus starts on the button that changes nothing; Esc closes. */
export function ConfirmDialog(props: ConfirmDialogProps) {
  const {
    opened,
    title,
    children,
    action,
    dangerous = false,
    ready = true,
    pending,
    error,
    onConfirm,
    onClose,
  } = props;
  const [reason, setReason] = useState('');
  const confirm = useRef<HTMLButtonElement>(null);
  useReturnFocus();
  useEffect(() => {
    // A button that waits is disabled and loses the focus; after a refusal whoever pressed it goes on from there.
    if (error !== null) confirm.current?.focus();
  }, [error]);
  return (
    <Modal opened={opened} onClose={onClose} title={title} centered closeButtonProps={{ 'aria-label': texts.close }}>
      <Stack>
        {children}
        <Textarea
          label={texts.reason.label}
          placeholder={texts.reason.placeholder}
          value={reason}
          maxLength={500}
          autosize
          onChange={(event) => {
            setReason(event.currentTarget.value);
          }}
        />
        {error !== null && <ProblemNotice title={action} error={error} />}
        <Group justify="flex-end">
          <Button variant="default" data-autofocus onClick={onClose}>
            {texts.cancel}
          </Button>
          <Button
            ref={confirm}
            color={dangerous ? 'red.9' : 'understudy'}
            loading={pending}
            disabled={!ready}
            onClick={() => {
              onConfirm(reason.trim());
            }}
          >
            {action}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
