import { isDomainError, Logger, SystemClock } from '@understudy/platform';
import { Store, StoreSettings } from '@understudy/store';

// A second server, as far as the database sees it: opens the file that it is told, and says how that went.
const path = process.argv[2] ?? '';
try {
  await Store.open(new StoreSettings({ kind: 'embedded', path }), new SystemClock(), Logger.silent());
  console.log('opened');
} catch (error) {
  console.log(isDomainError(error) ? `${error.code} ${error.message}` : String(error));
}
process.exit();
