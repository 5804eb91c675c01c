import { useQueryClient } from '@tanstack/react-query';
import { useLocation } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import { FIGURES_KEY, SESSION_KEY } from '../api/queries';
import { applyEvents } from './apply-events';
import { onConnectionChange, listensBy, phaseNow } from './connection';
import { Gather } from './gather';
import { LiveConnection } from './live-connection';
import { openStream } from './live-source';

/** What the page at an address shows, as the query of the stream: one deployment; all; or their states without figures. */
function queryFor(pathname: string): string {
  const [, name] = /^\/deployments\/([^/]+)/.exec(pathname) ?? [];
  if (name !== undefined) return `?deployments=${name}`;
  return pathname === '/' ? '' : '?statistics=false';
}

/** Keeps what is on screen up to date, by one stream for the whole tab. */
export function useLive(): void {
  const queries = useQueryClient();
  const { pathname } = useLocation();
  const query = queryFor(pathname);
  const shown = useRef(query);
  const connection = useRef<LiveConnection | null>(null);
  useEffect(() => {
    const gather = new Gather((events) => {
      applyEvents(events, queries, !shown.current.includes('deployments='));
    });
    const live = new LiveConnection(openStream, {
      began: () => {
        gather.begin();
      },
      took: (event) => {
        gather.take(event);
      },
      signedOut: () => {
        queries.setQueryData(SESSION_KEY, null);
      },
    });
    connection.current = live;
    live.show(shown.current);
    let phase = phaseNow();
    const forget = onConnectionChange(() => {
      if (phase === (phase = phaseNow()) || phase !== 'polling') return;
      // Who asks by the clock begins now.
      void queries.invalidateQueries({ queryKey: ['deployments'] });
      void queries.invalidateQueries({ queryKey: FIGURES_KEY });
    });
    return () => {
      forget();
      live.stop();
      gather.stop();
      connection.current = null;
      listensBy('connecting');
    };
  }, [queries]);
  useEffect(() => {
    shown.current = query;
    connection.current?.show(query);
  }, [query]);
}
