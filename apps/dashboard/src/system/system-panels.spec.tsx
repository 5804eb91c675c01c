import { screen, within } from '@testing-library/react';
import { show } from '../../testing/show';
import { Panels, type System } from './system-panels';

const SYSTEM: System = {
  release: '0.1.0',
  node: '24.11.0',
  platform: 'linux x64',
  startedAt: '2026-11-26T09:00:00Z',
  uptimeSeconds: 3700,
  memoryBytes: 90_000_000,
  access: 'tokens',
  registry: { kind: 'MLflow at http://localhost:5000', ok: true, problem: null },
  database: { kind: 'PostgreSQL', ok: true, problem: null },
  cache: { bytes: 12_288, maxBytes: 20_000_000_000, versions: 3 },
  runners: { processes: 2, ready: 2, restarts: 0, memoryBytes: 60_000_000 },
};

const textOf = (panel: string): string | null => screen.getByRole('region', { name: panel }).textContent;

describe('what a replica stands on', () => {
  it('is told panel by panel', () => {
    show(<Panels system={SYSTEM} />);
    expect(textOf('Registry')).toContain('it answersMLflow at http://localhost:5000');
    expect(textOf('Model cache')).toContain('12 kB of 20 GB · 3 versions');
    expect(textOf('Runners')).toContain('2 of 2 readyMemory 60 MB');
    expect(textOf('This server')).toContain('Running for 1 h 2 min');
  });

  it('says what is wrong, and never zero for what is unknown', () => {
    show(
      <Panels
        system={{
          ...SYSTEM,
          database: { kind: 'PostgreSQL', ok: false, problem: 'connection refused' },
          cache: null,
          runners: { processes: 3, ready: 1, restarts: 4, memoryBytes: null },
        }}
      />,
    );
    const database = within(screen.getByRole('region', { name: 'Database' }));
    expect(database.getByText('it does not answer').textContent).not.toBe('');
    expect(database.getByText('connection refused').textContent).not.toBe('');
    expect(textOf('Model cache')).toContain('its disk cannot be read now');
    expect(textOf('Runners')).toBe('Runners1 of 3 readyrestarted 4 timesMemory no data yet');
  });
});
