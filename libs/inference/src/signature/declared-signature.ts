import type { Datatype } from '../datatype';

/** One tensor of an MLflow signature; a size of -1 is open. */
export interface DeclaredTensor {
  readonly kind: 'tensor';
  readonly name: string | undefined;
  /** Undefined where the numpy name means nothing here. */
  readonly datatype: Datatype | undefined;
  readonly shape: readonly number[];
}

/** One column of an MLflow signature, with MLflow's own type name (`double`, `long`, `string` ...). */
export interface DeclaredColumn {
  readonly kind: 'column';
  readonly name: string | undefined;
  readonly type: string;
  readonly required: boolean;
}

export type DeclaredItem = DeclaredTensor | DeclaredColumn;

/** A signature as an MLmodel file declares it. */
export interface DeclaredSignature {
  readonly inputs: readonly DeclaredItem[];
  readonly outputs: readonly DeclaredItem[];
}
