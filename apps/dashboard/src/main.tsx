import '@mantine/core/styles.css';
import '@mantine/charts/styles.css';
import './style.css';
import { MantineProvider } from '@mantine/core';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { router } from './router';
import { theme } from './theme';

const root = document.getElementById('root');
if (root === null) throw new Error('the page has no place for the dashboard');

const nonce = document.querySelector<HTMLMetaElement>('meta[name="style-nonce"]')?.content ?? '';

const queries = new QueryClient({
  defaultOptions: {
    // The live stream says when something changed; asking again on focus mends what a sleeping laptop missed.
    queries: { staleTime: 5_000, refetchOnWindowFocus: true, retry: 1 },
  },
});

createRoot(root).render(
  <StrictMode>
    <MantineProvider theme={theme} defaultColorScheme="auto" getStyleNonce={() => nonce}>
      <QueryClientProvider client={queries}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </MantineProvider>
  </StrictMode>,
);
