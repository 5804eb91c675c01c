"""An MLServer runtime for one ONNX file, as its documentation shows custom runtimes; settings are in the environment."""

import os

import numpy as np
import onnxruntime
from mlserver import MLModel
from mlserver.codecs import NumpyCodec
from mlserver.types import InferenceRequest, InferenceResponse


class OnnxModel(MLModel):
    async def load(self) -> bool:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(
            os.environ["ONNX_FILE"], options, providers=["CPUExecutionProvider"]
        )
        return True

    async def predict(self, payload: InferenceRequest) -> InferenceResponse:
        feeds = {entry.name: NumpyCodec.decode_input(entry).astype(np.float32) for entry in payload.inputs}
        names = [output.name for output in payload.outputs or []] or [o.name for o in self.session.get_outputs()]
        tensors = self.session.run(names, feeds)
        return InferenceResponse(
            model_name=self.name,
            outputs=[NumpyCodec.encode_output(name, tensor) for name, tensor in zip(names, tensors)],
        )
