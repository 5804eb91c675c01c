"""Saves the Iris model that the Python peers serve, as scikit-learn in MLflow's own form: make_model.py FOLDER."""

import os
import sys

os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
os.environ.setdefault("DO_NOT_TRACK", "true")

import mlflow.sklearn
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression

x, y = load_iris(return_X_y=True)
mlflow.sklearn.save_model(LogisticRegression(max_iter=1000, random_state=8888).fit(x, y), sys.argv[1])
