import { MantineProvider } from '@mantine/core';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { render } from '@testing-library/react';
import type { ReactNode } from 'react';
import type { Slot } from '../src/api/types';
import { theme } from '../src/theme';

/** Renders a component alone, with what surrounds every component. */
export function show(component: ReactNode) {
  const queries = new QueryClient();
  return render(
    <MantineProvider theme={theme} env="test">
      <QueryClientProvider client={queries}>{component}</QueryClientProvider>
    </MantineProvider>,
  );
}

export function slot(more: Partial<Slot> = {}): Slot {
  return {
    uri: 'models:/fraud/12',
    requestedUri: 'models:/fraud@champion',
    name: 'fraud',
    version: '12',
    digest: 'd12',
    bytes: 2126,
    loadedAt: '2026-11-25T09:00:00.000Z',
    loadMs: 180,
    signature: {
      inputs: [{ name: 'X', datatype: 'FP32', shape: [-1, 30] }],
      outputs: [{ name: 'label', datatype: 'INT64', shape: [-1] }],
      columns: null,
      source: 'onnx',
    },
    classNames: null,
    batching: { batched: true, maxRows: 4096, because: 'rows alone and together came out the same' },
    warmedWith: 'example',
    runner: {
      state: 'ready',
      pid: 4242,
      restarts: 0,
      lastProblem: null,
      waitingRequests: 0,
      memoryBytes: 60_000_000,
      runners: [],
    },
    ...more,
  } as Slot;
}
