import '../../testing/browser-parts';
import { deploymentOf, exportAddress } from './events-query';

describe('the history', () => {
  it.each([
    [null, {}, '/audit/export'],
    [null, { actor: 'Jörg & co', outcome: 'failed' }, '/audit/export?actor=J%C3%B6rg+%26+co&outcome=failed'],
    ['fraud', { action: 'promote' }, '/deployments/fraud/events/export?action=promote'],
  ] as const)('of %s filtered by %j is exported from %s', (deployment, filter, address) => {
    expect(exportAddress(deployment, filter)).toBe(address);
  });

  it.each([
    ['deployment:fraud', 'fraud'],
    ['token:0123456789abcdef', null],
  ])('takes %s for the deployment %s', (subject, deployment) => {
    expect(deploymentOf(subject)).toBe(deployment);
  });
});
