"""ONNX graphs as the scripts make them: fixed operator sets, honest shapes, and answers from onnxruntime."""

from collections.abc import Mapping

import process_settings  # noqa: F401 - must come before onnxruntime
import numpy as np
import onnx
import onnxruntime
from mlflow.models import infer_signature
from mlflow.models.signature import ModelSignature
from onnx import ModelProto

GRAPH_NAME = "understudy"
"""skl2onnx would otherwise make a random one, and the bytes of a graph would never repeat."""
OPERATOR_SETS = {"": 18, "ai.onnx.ml": 3}
"""New enough for every converter used here, old enough for runtimes of the last three years."""
MATRIX_INPUT = "X"

FATAL_ONLY = 4
"""Errors come as exceptions; onnxruntime would print them as well."""


def run(graph: ModelProto, feeds: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """What onnxruntime answers: one array per graph output, in the graph's order."""
    options = onnxruntime.SessionOptions()
    options.log_severity_level = FATAL_ONLY
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(graph.SerializeToString(), options, providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    return dict(zip(names, session.run(names, dict(feeds)), strict=True))


def signature_of(feeds: Mapping[str, np.ndarray], answers: Mapping[str, np.ndarray]) -> ModelSignature:
    """The tensor signature of a graph that took `feeds` and gave `answers`; the first axis of each is the batch.

    A lone input stays unnamed: MLflow then takes rows in every form of its scoring protocol. Tensors rather than
    columns, because MLflow's own server cannot put a label and a matrix of probabilities into one DataFrame.
    """
    inputs = {name: _with_plain_text(array) for name, array in feeds.items()}
    outputs = {name: _with_plain_text(array) for name, array in answers.items()}
    return infer_signature(next(iter(inputs.values())) if len(inputs) == 1 else inputs, outputs)


def tidy(graph: ModelProto) -> ModelProto:
    """Removes what converters leave behind: the same operator set imported twice."""
    versions = {opset.domain: opset.version for opset in graph.opset_import}
    del graph.opset_import[:]
    graph.opset_import.extend(onnx.helper.make_opsetid(domain, version) for domain, version in sorted(versions.items()))
    return graph


def declare_outputs(graph: ModelProto, answers: Mapping[str, np.ndarray], keep: int) -> ModelProto:
    """Keeps the first `keep` outputs and declares their shapes as seen in `answers`, with a free batch axis.

    onnxmltools declares the labels of a LightGBM booster as one element, which no batch of rows fits.
    """
    del graph.graph.output[keep:]
    for output in graph.graph.output:
        dims = output.type.tensor_type.shape.dim
        del dims[:]
        dims.add()  # neither a size nor a name: any batch
        for size in answers[output.name].shape[1:]:
            dims.add().dim_value = size
    onnx.checker.check_model(graph)
    return graph


def rename_inputs(graph: ModelProto, names: Mapping[str, str]) -> ModelProto:
    """Gives graph inputs other names, also where nodes read them."""
    for graph_input in graph.graph.input:
        graph_input.name = names.get(graph_input.name, graph_input.name)
    for node in graph.graph.node:
        node.input[:] = [names.get(name, name) for name in node.input]
    return graph


def gather_inputs(graph: ModelProto) -> ModelProto:
    """Replaces inputs of one float32 column each by one float32 matrix, out of which the graph takes its columns."""
    # Names with spaces: converters make none, so these meet no tensor of the graph.
    columns = {graph_input.name: f"column {position}" for position, graph_input in enumerate(graph.graph.input)}
    rename_inputs(graph, columns)
    del graph.graph.input[:]
    graph.graph.input.append(
        onnx.helper.make_tensor_value_info(MATRIX_INPUT, onnx.TensorProto.FLOAT, [None, len(columns)])
    )
    for position, column in enumerate(columns.values()):
        index = f"position of {column}"
        graph.graph.initializer.append(onnx.numpy_helper.from_array(np.array([position], dtype=np.int64), index))
        # Gather rather than Split, whose form depends on the operator set that the converter chose.
        graph.graph.node.insert(position, onnx.helper.make_node("Gather", [MATRIX_INPUT, index], [column], axis=1))
    return graph


def _with_plain_text(array: np.ndarray) -> np.ndarray:
    """onnxruntime gives text as Python objects; MLflow has a type for text."""
    return array.astype(str) if array.dtype == object else array
