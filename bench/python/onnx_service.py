"""FastAPI with onnxruntime in the serving process, one worker: onnx_service.py PORT MODEL."""

import sys

import numpy as np
import onnxruntime
import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel

options = onnxruntime.SessionOptions()
options.intra_op_num_threads = 1
options.inter_op_num_threads = 1
session = onnxruntime.InferenceSession(sys.argv[2], options, providers=["CPUExecutionProvider"])

app = FastAPI()


class Rows(BaseModel):
    data: list[list[float]]


@app.get("/")
def service() -> dict[str, str]:
    return {"status": "running"}


# Not a plain def: FastAPI would run it in a pool of threads, which is slower.
@app.post("/predict")
async def predict(rows: Rows) -> dict[str, object]:
    (label,) = session.run(["label"], {"X": np.array(rows.data, dtype=np.float32)})
    return {"predictions": label.tolist(), "model_used": "current"}


if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="warning")
