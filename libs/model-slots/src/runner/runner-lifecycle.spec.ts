import { afterEvent, RUNNER_TRANSITIONS, type RunnerEvent, type RunnerState } from './runner-lifecycle';

const STATES = Object.keys(RUNNER_TRANSITIONS) as RunnerState[];

describe('the life of a runner', () => {
  it('reaches every state from the start', () => {
    const reached = new Set<RunnerState>(['starting']);
    for (const state of reached) for (const next of Object.values(RUNNER_TRANSITIONS[state])) reached.add(next);
    expect([...reached].sort()).toEqual([...STATES].sort());
  });

  it('can be ended from every state, and never comes back from the end', () => {
    for (const state of STATES) expect(afterEvent(state, 'end')).toBe('ended');
    for (const next of Object.values(RUNNER_TRANSITIONS.ended)) expect(next).toBe('ended');
  });

  it.each<[RunnerState, RunnerEvent, RunnerState]>([
    ['starting', 'became-ready', 'ready'],
    ['starting', 'exited', 'failed'],
    ['ready', 'exited', 'restarting'],
    ['ready', 'went-silent', 'suspect'],
    ['suspect', 'answered', 'ready'],
    ['suspect', 'exited', 'restarting'],
    ['restarting', 'became-ready', 'ready'],
    ['restarting', 'exited', 'restarting'],
    ['restarting', 'gave-up', 'failed'],
    ['failed', 'exited', 'failed'],
    ['failed', 'tried-again', 'restarting'],
    ['ready', 'answered', 'ready'],
  ])('goes from %s by %s to %s', (from, event, to) => {
    expect(afterEvent(from, event)).toBe(to);
  });
});
