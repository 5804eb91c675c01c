#!/usr/bin/env python3
"""Trains logistic regression on Iris and registers it as an ONNX model: one version, or one per point of a grid."""

import argparse
import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace

import process_settings  # noqa: F401 - must come before mlflow
import matplotlib
import mlflow
from matplotlib.figure import Figure
from mlflow.entities.model_registry import ModelVersion
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import ConfusionMatrixDisplay

from iris import CLASS_NAMES, EXAMPLE, METADATA, SOLVERS, Evaluation, Hyperparameters, Split
from iris import evaluate, example_feeds, fit, split_iris, to_onnx
from onnx_graph import run, signature_of
from registry import OnnxVersion, Refusal, alias_name, connect, load_command, model_uri, register, run_command

DEFAULT_GRID = ["C=0.01,0.1,1", "max_iter=10,1000"]
SWEPT_TYPES = {"C": float, "l1_ratio": float, "max_iter": int, "tol": float, "solver": str}
"""Not random_state: each value would hold out other rows, and accuracies could not be compared."""
FIRST_ALIAS = "champion"


@dataclass(frozen=True)
class Trained:
    """A registered version and what it was made of."""

    version: ModelVersion
    hyperparameters: Hyperparameters
    metrics: Mapping[str, float]


def main() -> None:
    arguments = parse_arguments()
    points = grid(hyperparameters_of(arguments), arguments.sweep)
    split = split_iris(arguments.test_size, arguments.random_state)
    # All are fitted before anything is registered: one impossible point must not leave half a sweep behind.
    models = [fit(point, split) for point in points]
    client = connect()
    mlflow.set_experiment(arguments.experiment or arguments.model_name)
    trained = []
    for point, model in zip(points, models, strict=True):
        trained.append(train_one(point, model, split, arguments))
        if trained[-1].version.version == "1":
            give_first_alias(client, trained[-1].version)
    best = best_of(trained)
    client.set_registered_model_alias(arguments.model_name, arguments.alias, best.version.version)
    report(trained, best, arguments.alias)


def train_one(
    point: Hyperparameters, model: LogisticRegression, split: Split, arguments: argparse.Namespace
) -> Trained:
    """One run with params, metrics and a picture, and one registered version."""
    graph = to_onnx(model)
    evaluation = evaluate(graph, split)
    metrics = {**evaluation.metrics, "n_iter": float(model.n_iter_.max())}
    feeds = example_feeds()
    with mlflow.start_run():
        mlflow.log_figure(confusion_figure(evaluation), "confusion_matrix.png")
        version = register(
            OnnxVersion(
                graph=graph,
                signature=signature_of(feeds, run(graph, feeds)),
                example=EXAMPLE,
                metadata=METADATA,
                params={**asdict(point), "test_size": arguments.test_size},
                metrics=metrics,
                tags={},
            ),
            arguments.model_name,
        )
    return Trained(version, point, metrics)


def give_first_alias(client: mlflow.MlflowClient, version: ModelVersion) -> None:
    """The very first version becomes champion, so that `models:/NAME@champion` means something from the start."""
    if FIRST_ALIAS not in client.get_registered_model(version.name).aliases:
        client.set_registered_model_alias(version.name, FIRST_ALIAS, version.version)


def best_of(trained: Iterable[Trained]) -> Trained:
    """The most accurate; among equals the surest, that is the one with the lowest log loss; among those the first."""
    return min(trained, key=lambda each: (-each.metrics["accuracy"], each.metrics["log_loss"]))


def grid(base: Hyperparameters, sweep: Sequence[str] | None) -> list[Hyperparameters]:
    """Every combination of the swept values, each NAME=VALUE,VALUE; `base` alone without a sweep."""
    if sweep is None:
        return [base]
    swept = dict(parse_swept(text) for text in sweep or DEFAULT_GRID)
    return [replace(base, **dict(zip(swept, values, strict=True))) for values in itertools.product(*swept.values())]


def parse_swept(text: str) -> tuple[str, list]:
    """`max-iter=100,1000` to its name and typed values. Raises Refusal with what was expected."""
    name, _, values = text.partition("=")
    name = name.strip().replace("-", "_")
    if name not in SWEPT_TYPES or not values:
        raise Refusal(f"--sweep {text}: expected NAME=VALUE,VALUE with a name out of {', '.join(SWEPT_TYPES)}")
    try:
        return name, [SWEPT_TYPES[name](value) for value in values.split(",")]
    except ValueError as error:
        raise Refusal(f"--sweep {text}: {error}") from error


def confusion_figure(evaluation: Evaluation) -> Figure:
    """True labels down, predicted labels across, counts in the cells."""
    matplotlib.use("Agg")  # no screen in a container
    figure = Figure(figsize=(5, 4.5), layout="constrained")
    axes = figure.subplots()
    ConfusionMatrixDisplay(evaluation.confusion, display_labels=CLASS_NAMES).plot(ax=axes, cmap="Blues", colorbar=False)
    rows = int(evaluation.confusion.sum())
    axes.set_title(f"Iris, {rows} held-out rows, accuracy {evaluation.metrics['accuracy']:.3f}")
    return figure


def report(trained: Sequence[Trained], best: Trained, alias: str) -> None:
    """One line per version, then the next thing to type."""
    for each in trained:
        params = " ".join(f"{name}={value}" for name, value in asdict(each.hyperparameters).items())
        mark = f"  <- {alias}" if each is best else ""
        print(f"version {each.version.version}: {params}  accuracy={each.metrics['accuracy']:.4f}{mark}")
    print(f"\nLoad version {best.version.version} as the next one:\n{load_command(model_uri(best.version))}")


def hyperparameters_of(arguments: argparse.Namespace) -> Hyperparameters:
    return Hyperparameters(**{field.name: getattr(arguments, field.name) for field in fields(Hyperparameters)})


def parse_arguments() -> argparse.Namespace:
    default = Hyperparameters()
    parser = argparse.ArgumentParser(
        description="Trains logistic regression on Iris and registers it as an ONNX model in the MLflow server that "
        "MLFLOW_TRACKING_URI names."
    )

    def option(group, name: str, default: object, text: str, **how) -> None:
        group.add_argument(name, default=default, help=f"{text} (default: {default})", **how)

    model = parser.add_argument_group("hyperparameters")
    option(model, "--solver", default.solver, "algorithm that fits the coefficients", choices=SOLVERS)
    option(model, "--C", default.C, "inverse of the regularisation strength; inf for none", type=float)
    option(
        model, "--l1-ratio", default.l1_ratio, "share of L1 in the penalty; above 0 with solver saga only", type=float
    )
    option(model, "--max-iter", default.max_iter, "iterations after which the solver stops", type=int)
    option(model, "--tol", default.tol, "tolerance at which the solver stops earlier", type=float)
    option(model, "--random-state", default.random_state, "seed of the held-out split and of the solver", type=int)
    option(model, "--test-size", 0.2, "share of the 150 rows that is held out", type=float)
    model.add_argument(
        "--sweep",
        nargs="*",
        metavar="NAME=VALUES",
        help="register one version per combination of values, as in: --sweep C=0.01,1 max_iter=10,1000; "
        f"names: {', '.join(SWEPT_TYPES)}; they override the options above; "
        f"a bare --sweep stands for {' '.join(DEFAULT_GRID)}",
    )
    target = parser.add_argument_group("where it goes")
    option(target, "--model-name", "tracking-quickstart", "registered model that gets the versions")
    option(target, "--alias", "candidate", "alias that the best version of this invocation gets", type=alias_name)
    target.add_argument("--experiment", help="MLflow experiment of the runs (default: the model's name)")
    return parser.parse_args()


if __name__ == "__main__":
    run_command(main)
