import { createHash } from 'node:crypto';

export type Files = Readonly<Record<string, string | Uint8Array>>;

export interface StoreOptions {
  /** Where `log_model` puts files, and which routes there are. */
  readonly layout: '2.x' | '3.x';
  /** What the server was started with: `--serve-artifacts`, its default, or `--no-serve-artifacts`. */
  readonly servesArtifacts: boolean;
}

export interface PublishOptions {
  readonly description?: string;
  readonly tags?: Readonly<Record<string, string>>;
  readonly params?: Readonly<Record<string, string>>;
  readonly metrics?: Readonly<Record<string, number | string>>;
  readonly stage?: string;
  readonly status?: string;
  /** Where the version's files are said to be, if not where they are. */
  readonly downloadUri?: string;
  readonly source?: string;
}

export interface StoredVersion extends PublishOptions {
  readonly name: string;
  readonly version: number;
  readonly createdAt: number;
  readonly runId: string;
  /** Null in the layout of MLflow 2.x. */
  readonly modelId: string | null;
  /** The folder of its files in the server's storage. */
  readonly root: string;
}

export interface StoredModel {
  readonly name: string;
  readonly versions: Map<number, StoredVersion>;
  readonly aliases: Map<string, number>;
  highest: number;
}

const EXPERIMENT = '1';
const CREATED_AT = 1_700_000_000_000;
const ARTIFACT_PATH = 'model';

/** What an MLflow server has in its database and its artifact storage. */
export class FakeStore {
  readonly models = new Map<string, StoredModel>();
  readonly experimentId = EXPERIMENT;
  /** The artifact storage: bytes by path. */
  private readonly files = new Map<string, Buffer>();
  private logged = 0;

  constructor(readonly options: StoreOptions) {}

  /** What `mlflow.onnx.log_model(..., registered_model_name=name)` leaves behind. */
  publish(name: string, files: Files, options: PublishOptions = {}): StoredVersion {
    const model = this.modelToPublish(name);
    const count = ++this.logged;
    const runId = hex(`run ${count}`);
    const modelId = this.options.layout === '3.x' ? `m-${hex(`model ${count}`)}` : null;
    const root = modelId === null ? `${runRoot(runId)}/${ARTIFACT_PATH}` : `${EXPERIMENT}/models/${modelId}/artifacts`;
    for (const [path, content] of Object.entries(files)) this.files.set(`${root}/${path}`, Buffer.from(content));
    const version: StoredVersion = {
      ...options,
      name,
      version: ++model.highest,
      createdAt: CREATED_AT + count,
      runId,
      modelId,
      root,
    };
    model.versions.set(version.version, version);
    return version;
  }

  setAlias(name: string, alias: string, version: number): void {
    this.models.get(name)?.aliases.set(alias, version);
  }

  /** As the SQL store does it, the aliases of the version stay. */
  deleteVersion(name: string, version: number): void {
    this.models.get(name)?.versions.delete(version);
  }

  versionsByNumber(): StoredVersion[] {
    return [...this.models.values()]
      .flatMap((model) => [...model.versions.values()])
      .sort((a, b) => b.version - a.version);
  }

  versionOfRun(runId: string): StoredVersion | undefined {
    return this.versionsByNumber().find((version) => version.runId === runId);
  }

  versionOfModelId(modelId: string): StoredVersion | undefined {
    return this.versionsByNumber().find((version) => version.modelId === modelId);
  }

  /** How the server writes a place of its storage. */
  uriOf(path: string): string {
    return this.options.servesArtifacts ? `mlflow-artifacts:/${path}` : `/srv/mlflow/mlruns/${path}`;
  }

  read(path: string): Buffer | undefined {
    return this.files.get(path);
  }

  /** One level of the storage: bare names. */
  list(folder: string): { path: string; is_dir: boolean; file_size?: number }[] {
    const prefix = `${folder.replace(/\/+$/, '')}/`;
    const entries = new Map<string, { path: string; is_dir: boolean; file_size?: number }>();
    for (const [path, bytes] of this.files) {
      if (!path.startsWith(prefix)) continue;
      const [name = '', ...deeper] = path.slice(prefix.length).split('/');
      entries.set(
        name,
        deeper.length > 0 ? { path: name, is_dir: true } : { path: name, is_dir: false, file_size: bytes.length },
      );
    }
    return [...entries.values()];
  }

  private modelToPublish(name: string): StoredModel {
    const known = this.models.get(name);
    if (known !== undefined) return known;
    const made: StoredModel = { name, versions: new Map(), aliases: new Map(), highest: 0 };
    this.models.set(name, made);
    return made;
  }
}

export const runRoot = (runId: string): string => `${EXPERIMENT}/${runId}/artifacts`;

const hex = (text: string): string => createHash('md5').update(text).digest('hex');
