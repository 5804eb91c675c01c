import { type ProtoReader, ProtoError, ProtoReader as Reader, WIRE } from './proto-reader';

/** Numbers of the fields in onnx.proto (ONNX 1.19, IR version 12) that matter here. */
const MODEL = { irVersion: 1, graph: 7, opsetImport: 8, functions: 25 };
const OPSET = { domain: 1, version: 2 };
const GRAPH = { node: 1, initializer: 5, input: 11, output: 12, sparseInitializer: 15 };
const NODE = { operator: 4, attribute: 5, domain: 7 };
const FUNCTION = { name: 1, node: 7, domain: 10 };
const ATTRIBUTE = { tensor: 5, graph: 6, tensors: 10, graphs: 11, sparseTensor: 22, sparseTensors: 23 };
const SPARSE = { values: 1, indices: 2 };
const TENSOR = { name: 8, externalData: 13 };
const VALUE = { name: 1, type: 2 };
const TYPE = { tensor: 1, sequence: 4, map: 5, sparseTensor: 8, optional: 9 };
const TENSOR_TYPE = { elementType: 1, shape: 2 };
const SHAPE = { dimension: 1 };
const DIMENSION = { value: 1 };
const ENTRY = { key: 1, value: 2 };

const MAX_GRAPH_DEPTH = 100;

export interface OnnxValue {
  readonly name: string;
  readonly kind: 'tensor' | 'sequence' | 'map' | 'sparse tensor' | 'optional' | 'unknown';
  /** TensorProto.DataType; 0 where the file does not say. */
  readonly elementType: number;
  /** -1 for a size that is open; null where the file tells no shape at all. */
  readonly shape: readonly number[] | null;
}

export interface ExternalData {
  readonly location: string;
  readonly offset: number;
  /** Null where the data reaches to the end of the file. */
  readonly length: number | null;
}

/** What can be learnt from an ONNX file without running native code on it. */
export interface OnnxFile {
  readonly opsets: ReadonlyMap<string, number>;
  /** Inputs that must be fed: those without a default among the initializers. */
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
  readonly externalData: readonly ExternalData[];
  /** Operators that are used and are neither of a domain that the runtime knows nor functions of the model itself. */
  readonly customOperators: readonly Operator[];
  /** Nodes, those of subgraphs and functions too, and bytes of weights, outside the file too: what loading takes time for. */
  readonly nodes: number;
  readonly weightBytes: number;
}

export interface Operator {
  readonly domain: string;
  readonly name: string;
}

/** Domains whose operators the runtime brings along. */
const RUNTIME_DOMAINS: ReadonlySet<string> = new Set([
  '',
  'ai.onnx',
  'ai.onnx.ml',
  'ai.onnx.preview',
  'ai.onnx.preview.training',
  'ai.onnx.training',
  'com.microsoft',
  'com.microsoft.dml',
  'com.microsoft.experimental',
  'com.microsoft.nchwc',
  'com.ms.internal.nhwc',
  'org.pytorch.aten',
]);

/** Examines an ONNX file. Throws {@link ProtoError} when it is none. */
export function readOnnxFile(path: string): OnnxFile {
  return Reader.read(path, (reader) => new OnnxExaminer(reader).run());
}

class OnnxExaminer {
  private readonly opsets = new Map<string, number>();
  private readonly inputs: OnnxValue[] = [];
  private readonly outputs: OnnxValue[] = [];
  private readonly initializers = new Set<string>();
  private readonly external: ExternalData[] = [];
  private readonly operators = new Map<string, Operator>();
  private readonly functions = new Set<string>();
  private nodes = 0;
  private weightBytes = 0;
  private irVersion = 0;
  private hasGraph = false;

  constructor(private readonly reader: ProtoReader) {}

  run(): OnnxFile {
    this.reader.message(this.reader.size, (field, wire) => {
      if (field === MODEL.irVersion && wire === WIRE.varint) this.irVersion = this.reader.varint();
      else if (field === MODEL.opsetImport && wire === WIRE.bytes) this.readOpset();
      else if (field === MODEL.graph && wire === WIRE.bytes) this.readMainGraph();
      else if (field === MODEL.functions && wire === WIRE.bytes) this.readFunction();
    });
    if (!this.hasGraph || this.irVersion <= 0 || this.opsets.size === 0) {
      throw new ProtoError('it holds no graph');
    }
    return {
      opsets: this.opsets,
      inputs: this.inputs.filter(({ name }) => !this.initializers.has(name)),
      outputs: this.outputs,
      externalData: this.external,
      customOperators: [...this.operators].filter(([key]) => !this.functions.has(key)).map(([, operator]) => operator),
      nodes: this.nodes,
      weightBytes: this.weightBytes,
    };
  }

  private readOpset(): void {
    let domain = '';
    let version = 0;
    this.reader.nested((field) => {
      if (field === OPSET.domain) domain = this.reader.text();
      else if (field === OPSET.version) version = this.reader.varint();
    });
    this.opsets.set(domain, version);
  }

  private readMainGraph(): void {
    this.hasGraph = true;
    this.reader.nested((field) => {
      if (field === GRAPH.input) this.inputs.push(this.readValue());
      else if (field === GRAPH.output) this.outputs.push(this.readValue());
      else if (field === GRAPH.initializer) this.initializers.add(this.readTensor());
      else this.readGraphField(field, 0);
    });
  }

  private readGraphField(field: number, depth: number): void {
    if (field === GRAPH.node) this.readNode(depth);
    else if (field === GRAPH.initializer) this.readTensor();
    else if (field === GRAPH.sparseInitializer) this.readSparseTensor();
  }

  private readFunction(): void {
    let name = '';
    let domain = '';
    this.reader.nested((field) => {
      if (field === FUNCTION.node) this.readNode(0);
      else if (field === FUNCTION.name) name = this.reader.text();
      else if (field === FUNCTION.domain) domain = this.reader.text();
    });
    this.functions.add(keyOf({ domain, name }));
  }

  private readNode(depth: number): void {
    this.nodes++;
    let name = '';
    let domain = '';
    this.reader.nested((field) => {
      if (field === NODE.attribute) this.readAttribute(depth);
      else if (field === NODE.operator) name = this.reader.text();
      else if (field === NODE.domain) domain = this.reader.text();
    });
    if (!RUNTIME_DOMAINS.has(domain)) this.operators.set(keyOf({ domain, name }), { domain, name });
  }

  private readAttribute(depth: number): void {
    if (depth > MAX_GRAPH_DEPTH) throw new ProtoError(`graphs are nested deeper than ${MAX_GRAPH_DEPTH} levels`);
    this.reader.nested((field) => {
      if (field === ATTRIBUTE.tensor || field === ATTRIBUTE.tensors) this.readTensor();
      else if (field === ATTRIBUTE.sparseTensor || field === ATTRIBUTE.sparseTensors) this.readSparseTensor();
      else if (field === ATTRIBUTE.graph || field === ATTRIBUTE.graphs) {
        this.reader.nested((inner) => {
          this.readGraphField(inner, depth + 1);
        });
      }
    });
  }

  private readSparseTensor(): void {
    this.reader.nested((field) => {
      if (field === SPARSE.values || field === SPARSE.indices) this.readTensor();
    });
  }

  /** Notes where a tensor keeps its data outside the file, and returns its name. */
  private readTensor(): string {
    let name = '';
    const start = this.reader.offset;
    const entries = new Map<string, string>();
    this.reader.nested((field) => {
      if (field === TENSOR.name) name = this.reader.text();
      else if (field === TENSOR.externalData) {
        const [key, value] = this.readEntry();
        entries.set(key, value);
      }
    });
    this.weightBytes += this.reader.offset - start;
    const location = entries.get('location');
    if (location !== undefined) this.noteExternalData(location, entries);
    return name;
  }

  private noteExternalData(location: string, entries: ReadonlyMap<string, string>): void {
    const length = entries.has('length') ? Number(entries.get('length')) : null;
    this.weightBytes += length !== null && length > 0 ? length : 0;
    this.external.push({ location, offset: Number(entries.get('offset') ?? 0), length });
  }

  private readEntry(): [string, string] {
    let key = '';
    let value = '';
    this.reader.nested((field) => {
      if (field === ENTRY.key) key = this.reader.text();
      else if (field === ENTRY.value) value = this.reader.text();
    });
    return [key, value];
  }

  private readValue(): OnnxValue {
    let value: OnnxValue = { name: '', kind: 'unknown', elementType: 0, shape: null };
    this.reader.nested((field) => {
      if (field === VALUE.name) value = { ...value, name: this.reader.text() };
      else if (field === VALUE.type) value = { ...value, ...this.readType() };
    });
    return value;
  }

  private readType(): Pick<OnnxValue, 'kind' | 'elementType' | 'shape'> {
    let type: Pick<OnnxValue, 'kind' | 'elementType' | 'shape'> = { kind: 'unknown', elementType: 0, shape: null };
    this.reader.nested((field) => {
      if (field === TYPE.tensor) type = { kind: 'tensor', ...this.readTensorType() };
      else if (field === TYPE.sequence) type = { ...type, kind: 'sequence' };
      else if (field === TYPE.map) type = { ...type, kind: 'map' };
      else if (field === TYPE.sparseTensor) type = { ...type, kind: 'sparse tensor' };
      else if (field === TYPE.optional) type = { ...type, kind: 'optional' };
    });
    return type;
  }

  private readTensorType(): Pick<OnnxValue, 'elementType' | 'shape'> {
    let elementType = 0;
    let shape: number[] | null = null;
    this.reader.nested((field) => {
      if (field === TENSOR_TYPE.elementType) elementType = this.reader.varint();
      else if (field === TENSOR_TYPE.shape) shape = this.readShape();
    });
    return { elementType, shape };
  }

  private readShape(): number[] {
    const shape: number[] = [];
    this.reader.nested((field) => {
      if (field !== SHAPE.dimension) return;
      let size = -1;
      this.reader.nested((inner, wire) => {
        if (inner === DIMENSION.value && wire === WIRE.varint) size = this.reader.varint();
      });
      shape.push(size);
    });
    return shape;
  }
}

const keyOf = ({ domain, name }: Operator): string => `${domain}\n${name}`;
