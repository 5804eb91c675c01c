import { texts } from '../texts/en';
import { RouteLink } from '../components/route-link';
import { Page } from './page';

export function NotFoundPage() {
  return (
    <Page title={texts.notFound.title}>
      <RouteLink to="/">{texts.notFound.home}</RouteLink>
    </Page>
  );
}
