import type { Part } from '../part';
import { candidates } from './candidates';
import { dashboard } from './dashboard';
import { fiveMsModel } from './five-ms-model';
import { footprint } from './footprint';
import { iris } from './iris';
import { oneConnection } from './one-connection';
import { overload } from './overload';
import { smoke } from './smoke';
import { swaps } from './swaps';
import { tensors } from './tensors';
import { twoDeployments } from './two-deployments';
import { updateUnderLoad } from './update-under-load';
import { workers } from './workers';

/** In the order of the page. */
export const PARTS: readonly Part[] = [
  footprint,
  iris,
  oneConnection,
  tensors,
  fiveMsModel,
  twoDeployments,
  overload,
  updateUnderLoad,
  swaps,
  candidates,
  dashboard,
  workers,
  smoke,
];
