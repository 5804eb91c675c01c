import { Anchor, type AnchorProps } from '@mantine/core';
import { createLink } from '@tanstack/react-router';
import type { Ref } from 'react';

interface RouteAnchorProps extends Omit<AnchorProps, 'href'> {
  readonly ref?: Ref<HTMLAnchorElement>;
}

/** A link to another page of the dashboard, with the addresses that there are as its types. */
export const RouteLink = createLink((props: RouteAnchorProps) => <Anchor {...props} />);
