"""Serves .onnx files by KServe; runs in KServe's environment, without the app.

python kserve_server.py PORT MODEL.onnx ...
"""

import sys
from pathlib import Path

import numpy as np
import onnxruntime as ort
from kserve import InferOutput, InferRequest, InferResponse, Model, ModelServer
from kserve.utils.utils import generate_uuid

TOKENS = {"tensor(uint8)": "UINT8", "tensor(float)": "FP32"}


class OnnxModel(Model):  # type: ignore[misc] # not installed beside the app
    """One file on the CPU, one thread: as the test has it on its side."""

    def __init__(self, path: str) -> None:
        super().__init__(Path(path).stem)
        options = ort.SessionOptions()
        options.intra_op_num_threads = 1
        self._session = ort.InferenceSession(
            path, options, providers=["CPUExecutionProvider"]
        )
        self.ready = True

    async def get_input_types(self) -> list[dict[str, object]]:
        return [_told(tensor) for tensor in self._session.get_inputs()]

    async def get_output_types(self) -> list[dict[str, object]]:
        return [_told(tensor) for tensor in self._session.get_outputs()]

    def predict(
        self,
        payload: InferRequest,
        headers: object = None,
        response_headers: object = None,
    ) -> InferResponse:
        given = {each.name: each.as_numpy() for each in payload.inputs}
        answers = self._session.run(None, given)
        outputs = []
        for tensor, array in zip(self._session.get_outputs(), answers, strict=True):
            output = InferOutput(tensor.name, list(array.shape), TOKENS[tensor.type])
            output.set_data_from_numpy(np.ascontiguousarray(array), binary_data=True)
            outputs.append(output)
        return InferResponse(
            payload.id or generate_uuid(),
            self.name,
            outputs,
            use_binary_outputs=payload.use_binary_outputs,
            requested_outputs=payload.request_outputs,
        )


def _told(tensor: ort.NodeArg) -> dict[str, object]:
    shape = [side if isinstance(side, int) else -1 for side in tensor.shape]
    return {"name": tensor.name, "datatype": TOKENS[tensor.type], "shape": shape}


if __name__ == "__main__":
    # Only for this machine; KServe would listen to the network.
    import uvicorn

    make = uvicorn.Config

    def on_loopback(*args: object, **options: object) -> object:
        return make(*args, **(options | {"host": "127.0.0.1"}))

    uvicorn.Config = on_loopback
    server = ModelServer(http_port=int(sys.argv[1]), enable_grpc=False, workers=1)
    server.start([OnnxModel(path) for path in sys.argv[2:]])
