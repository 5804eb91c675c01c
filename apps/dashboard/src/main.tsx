import '@mantine/core/styles.css';
import './style.css';
import { MantineProvider } from '@mantine/core';
import { MutationCache, QueryCache, QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { ApiProblem } from './api/problem';
import { deploymentQuery, deploymentsQuery, SESSION_KEY, sessionQuery } from './api/queries';
import { OnlyDeployment } from './overview/only-deployment';
import { router } from './router';
import { theme } from './theme';
import { themeVariables } from './theme-variables';

const root = document.getElementById('root');
if (root === null) throw new Error('the page has no place for the dashboard');

/** Whether the first frame says more than a title: at the overview's address, where the server knows of one deployment alone. */
const hasLead = document.querySelector('.first-frame .lead:not(:empty)') !== null;

/** So long the page may stay as it is while the server is asked; longer where there is more than a title to read. */
const PATIENCE_MS = hasLead ? 2_000 : 500;

const nonce = document.querySelector<HTMLMetaElement>('meta[name="style-nonce"]')?.content ?? '';
// The dialogs' scroll lock writes a style element of its own and looks for its nonce here.
Object.assign(window, { __webpack_nonce__: nonce });

/** The session ended meanwhile: the frame asks for a token, and the address stays. */
const onError = (error: Error): void => {
  if (error instanceof ApiProblem && error.needsSignIn) queries.setQueryData(SESSION_KEY, null);
};

const queries = new QueryClient({
  queryCache: new QueryCache({ onError }),
  mutationCache: new MutationCache({ onError }),
  defaultOptions: {
    queries: {
      // A refusal stays one; only silence is worth another attempt.
      retry: (count, error) => count < 1 && !(error instanceof ApiProblem && error.status >= 400 && error.status < 500),
      refetchOnWindowFocus: true,
      // A browser that believes to be offline may still reach a server on this machine.
      networkMode: 'always',
    },
    mutations: { networkMode: 'always' },
  },
});

/** What the first screen shows, asked for before it is drawn: once is faster than a frame, a skeleton and then the rest. */
async function askFirst(): Promise<void> {
  const { pathname } = router.state.location;
  // That page's script need not wait for the list.
  if (pathname === '/' && hasLead) void OnlyDeployment.preload?.();
  const session = await queries.query({ ...sessionQuery, staleTime: 'static' });
  if (session?.scopes.includes('view') !== true) return;
  const name = /^\/deployments\/([^/]+)$/.exec(pathname)?.[1];
  if (name !== undefined) await queries.query({ ...deploymentQuery(decodeURIComponent(name)), staleTime: 'static' });
  if (pathname === '/') await askOverview();
}

/** With a single deployment it is that one's page, which has what the list told of it. */
async function askOverview(): Promise<void> {
  const [only, ...others] = await queries.query({ ...deploymentsQuery, staleTime: 'static' });
  if (only === undefined || others.length > 0) return;
  queries.setQueryData(deploymentQuery(only.name).queryKey, only);
  await OnlyDeployment.preload?.();
}

function draw(place: HTMLElement): void {
  createRoot(place).render(
    <StrictMode>
      <MantineProvider
        theme={theme}
        cssVariablesResolver={themeVariables}
        defaultColorScheme="auto"
        getStyleNonce={() => nonce}
      >
        <QueryClientProvider client={queries}>
          <RouterProvider router={router} />
        </QueryClientProvider>
      </MantineProvider>
    </StrictMode>,
  );
}

// What fails is told by whoever needs it, once there is something on screen.
const asked = Promise.allSettled([askFirst(), router.load()]);
const patience = new Promise((resolve) => setTimeout(resolve, PATIENCE_MS));
void Promise.race([asked, patience]).then(() => {
  draw(root);
});
