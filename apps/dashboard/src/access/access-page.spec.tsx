import { screen } from '@testing-library/react';
import { nothingKnown, refuse, signIn } from '../../testing/known';
import { show } from '../../testing/show';
import { tokensQuery } from '../api/queries';
import { AccessPage } from './access-page';

describe('the page of the tokens', () => {
  it('says to whoever may not see them who can help, and asks for none', () => {
    const queries = nothingKnown();
    signIn(queries, 'operate', 'view');
    show(<AccessPage />, queries);
    expect(screen.getByRole('alert').textContent).toContain('Whoever runs this server can give you one');
    expect(screen.queryByRole('button')).toBeNull();
    expect(queries.getQueryState(tokensQuery.queryKey)).toBeUndefined();
  });

  it('says that they are being read', () => {
    const queries = nothingKnown();
    signIn(queries, 'administer');
    show(<AccessPage />, queries);
    expect(screen.getByRole('status', { name: 'Loading' }).getAttribute('aria-busy')).toBe('true');
  });

  it('says why they cannot be read', () => {
    const queries = nothingKnown();
    signIn(queries, 'administer');
    refuse(queries, tokensQuery.queryKey, 'The database does not answer');
    show(<AccessPage />, queries);
    expect(screen.getByRole('alert').textContent).toContain('The database does not answer');
    expect(screen.getByRole('button', { name: 'Try again' }).hasAttribute('disabled')).toBe(false);
  });
});
