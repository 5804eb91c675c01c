/** Where a runner is in its life. */
export type RunnerState = 'starting' | 'ready' | 'suspect' | 'restarting' | 'failed' | 'ended';

export type RunnerEvent =
  'became-ready' | 'load-failed' | 'went-silent' | 'answered' | 'exited' | 'gave-up' | 'tried-again' | 'end';

/**
 * Which event leads from where to where; what is not listed does not happen.
 *
 * A first load that fails is over (`failed`): the slot was not flipped yet, and the person who asked is told. One that was ready
 * is restarted until it is given up, and once in a while tried again even then: what was wrong may have been the machine.
 */
export const RUNNER_TRANSITIONS: Readonly<Record<RunnerState, Readonly<Partial<Record<RunnerEvent, RunnerState>>>>> = {
  starting: { 'became-ready': 'ready', 'load-failed': 'failed', exited: 'failed', end: 'ended' },
  ready: { 'went-silent': 'suspect', exited: 'restarting', end: 'ended' },
  suspect: { answered: 'ready', exited: 'restarting', end: 'ended' },
  restarting: {
    'became-ready': 'ready',
    exited: 'restarting',
    'load-failed': 'restarting',
    'gave-up': 'failed',
    end: 'ended',
  },
  failed: { exited: 'failed', 'load-failed': 'failed', 'tried-again': 'restarting', end: 'ended' },
  ended: {
    exited: 'ended',
    end: 'ended',
    'load-failed': 'ended',
    'became-ready': 'ended',
    answered: 'ended',
    'gave-up': 'ended',
    'tried-again': 'ended',
  },
};

/** All states. */
export const RUNNER_STATES = Object.keys(RUNNER_TRANSITIONS) as readonly RunnerState[];

/** The state after `event`; the same state where the event means nothing there. */
export function afterEvent(state: RunnerState, event: RunnerEvent): RunnerState {
  return RUNNER_TRANSITIONS[state][event] ?? state;
}
