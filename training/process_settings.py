"""Settings of this process. Import it before mlflow and onnxruntime: both read their switches when they are loaded.

Nothing here overrides what the person has set.
"""

import os

SETTINGS = {
    # MLflow and onnxruntime would otherwise report their use to their makers.
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "DO_NOT_TRACK": "true",
    "ORT_DISABLE_TELEMETRY": "1",
    # MLflow retries seven times, four minutes in all. A server that stops answering is worth one sentence sooner.
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "2",
    # Progress bars and links would drown the few lines that the scripts print themselves.
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
    "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",
    # MLflow asks git for the commit; slim images have no git, which is no reason for a warning.
    "GIT_PYTHON_REFRESH": "quiet",
}

for name, value in SETTINGS.items():
    os.environ.setdefault(name, value)
