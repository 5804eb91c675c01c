"""Logs versions that train.py does not make: run as `log_versions.py NAME KIND...`, prints each as one line of JSON."""

import json
import sys

import mlflow
import numpy as np
import onnx
from mlflow.models import infer_signature
from onnx import TensorProto, helper, numpy_helper
from sklearn.datasets import load_iris
from sklearn.ensemble import RandomForestClassifier


def log_sklearn(name: str) -> dict[str, str]:
    """A random forest in the flavor sklearn: it cannot be served until it is exported."""
    x, y = load_iris(return_X_y=True)
    x = x.astype(np.float32)
    model = RandomForestClassifier(n_estimators=5, max_depth=3, random_state=0).fit(x, y)
    with mlflow.start_run():
        info = mlflow.sklearn.log_model(
            model,
            name="model",
            registered_model_name=name,
            signature=infer_signature(x, model.predict(x)),
            input_example=x[:5],
            skops_trusted_types=["sklearn.tree._tree.Tree"],
        )
    return {"version": str(info.registered_model_version)}


def log_external_data(name: str) -> dict[str, str]:
    """A model whose weights are kept in a second file: y = x * 2."""
    weights = numpy_helper.from_array(np.full((4, 1024), 2 / 1024, dtype=np.float32), "weights")
    graph = helper.make_graph(
        [helper.make_node("MatMul", ["x", "weights"], ["y"])],
        "external",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [None, 4])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [None, 1024])],
        [weights],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)
    onnx.checker.check_model(model)
    with mlflow.start_run() as run:
        info = mlflow.onnx.log_model(model, name="model", registered_model_name=name, save_as_external_data=True)
    return {"version": str(info.registered_model_version), "model_id": info.model_id, "run_id": run.info.run_id}


KINDS = {"sklearn": log_sklearn, "external-data": log_external_data}

if __name__ == "__main__":
    _, model_name, *kinds = sys.argv
    for made in [KINDS[kind](model_name) for kind in kinds]:
        print(json.dumps(made))
