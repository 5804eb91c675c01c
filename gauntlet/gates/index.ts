import type { Gate } from '../gate';
import { drain } from './drain';
import { kills } from './kills';
import { races } from './races';
import { replicas } from './replicas';
import { swaps } from './swaps';
import { throughput } from './throughput';

/** In the order of the table. */
export const GATES: readonly Gate[] = [kills, swaps, drain, replicas, races, throughput];
