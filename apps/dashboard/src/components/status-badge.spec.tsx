import { screen } from '@testing-library/react';
import { show } from '../../testing/show';
import { texts } from '../texts/en';
import { type Health, StatusBadge } from './status-badge';

describe('StatusBadge', () => {
  it.each(Object.entries(texts.states))('says %s in a word beside its icon', (health, word) => {
    show(<StatusBadge health={health as Health} />);
    const badge = screen.getByText(word).closest('[data-health]');
    expect(badge?.getAttribute('data-health')).toBe(health);
    expect(badge?.querySelector('svg')).not.toBeNull();
  });
});
