import { MantineProvider } from '@mantine/core';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { createMemoryHistory, createRootRoute, createRouter, RouterProvider } from '@tanstack/react-router';
import { render } from '@testing-library/react';
import type { ReactNode } from 'react';
import type { Deployment, Slot, Statistics } from '../src/api/types';
import { theme } from '../src/theme';

/** Renders a component alone, with what surrounds every component. */
export function show(component: ReactNode, queries = new QueryClient()) {
  return render(
    <MantineProvider theme={theme} env="test">
      <QueryClientProvider client={queries}>{component}</QueryClientProvider>
    </MantineProvider>,
  );
}

/** The same for what links to pages or looks at its address; it is there a moment later. */
export function showAt(address: string, component: ReactNode, queries: QueryClient) {
  const router = createRouter({
    routeTree: createRootRoute({ component: () => component, notFoundComponent: () => component }),
    history: createMemoryHistory({ initialEntries: [address] }),
  });
  show(<RouterProvider router={router as never} />, queries);
  return router;
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

export function deployment(more: Partial<Deployment> = {}): Deployment {
  const held = slot();
  const { uri, requestedUri, name, version, digest } = held;
  return {
    name: 'fraud',
    generation: 1,
    wanted: {
      current: { uri, requestedUri, name, version, digest },
      next: null,
      previous: null,
      canaryProbability: 1,
      settings: {},
    },
    actual: { generation: 1, current: held, next: null, previous: null, canaryProbability: 1 },
    converged: true,
    problems: [],
    change: null,
    lastChange: null,
    lastError: null,
    replicas: { live: 1, reached: 1 },
    ...more,
  };
}

/** The last quarter of an hour of a deployment whose current answered 900 requests in the last minute. */
export function statistics(name: string, more: Partial<Statistics['arms'][number]> = {}): Statistics {
  const figures = { requests: 900, errors: 0, errorRate: 0, latencyMs: { p50: 1, p95: 2, p99: 9 } };
  return {
    deployment: name,
    from: '2026-11-25T10:00:00.000Z',
    to: '2026-11-25T10:15:00.000Z',
    stepMinutes: 1,
    arms: [
      {
        slot: 'current',
        version: 'models:/fraud/12',
        ...figures,
        latency: { '2': 890, '10': 10 },
        predictions: { '0': 900 },
        series: [{ at: '2026-11-25T10:14:00.000Z', ...figures }],
        ...more,
      },
    ],
  };
}
