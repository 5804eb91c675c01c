"""What the service that Understudy matches does, rendered anew for the bench: FastAPI, mlflow.pyfunc, two slots in memory.

Usage: spec_service.py PORT, with MLFLOW_TRACKING_URI and MODEL_URI in the environment. One process, as its image starts it.
"""

import os
import random
import sys

os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
os.environ.setdefault("DO_NOT_TRACK", "true")

import mlflow.pyfunc
import numpy as np
import uvicorn
from fastapi import FastAPI, HTTPException
from pydantic import BaseModel, Field

app = FastAPI()


class Rows(BaseModel):
    data: list[list[float]]


class ModelUri(BaseModel):
    model_uri: str


class Share(BaseModel):
    probability: float = Field(ge=0.0, le=1.0)


class Slots:
    """The two models and the share that current answers."""

    def __init__(self, model_uri: str) -> None:
        self.current = mlflow.pyfunc.load_model(model_uri)
        self.next = self.current
        self.canary_probability = 1.0


slots = Slots(os.environ["MODEL_URI"])


@app.get("/")
def service() -> dict[str, object]:
    return {
        "status": "service running",
        "canary_probability": slots.canary_probability,
        "current_model_loaded": slots.current is not None,
        "next_model_loaded": slots.next is not None,
    }


@app.post("/predict")
def predict(rows: Rows) -> dict[str, object]:
    use_current = random.random() < slots.canary_probability
    model = slots.current if use_current else slots.next
    if model is None:
        raise HTTPException(status_code=503, detail="no model is loaded")
    answer = model.predict(np.array(rows.data))
    return {"predictions": np.asarray(answer).tolist(), "model_used": "current" if use_current else "next"}


@app.post("/update-model")
def update_model(body: ModelUri) -> dict[str, object]:
    slots.next = mlflow.pyfunc.load_model(body.model_uri)
    return {"status": f"Next model updated from {body.model_uri}", "canary_probability": slots.canary_probability}


@app.post("/accept-next-model")
def accept_next_model() -> dict[str, object]:
    slots.current = slots.next
    return {"status": "promoted", "current_model_loaded": True, "next_model_loaded": True}


@app.post("/set-canary-probability")
def set_canary_probability(body: Share) -> dict[str, object]:
    slots.canary_probability = body.probability
    return {"status": "Canary probability updated", "canary_probability": body.probability}


if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="warning")
