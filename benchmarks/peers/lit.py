"""LitServe: `python -m benchmarks.peers.lit PORT WORKERS`."""

import io
import sys
from typing import Any

import litserve
from fastapi import Request
from PIL import Image

from benchmarks.peers.recognition import load, recognise


class DigitApi(litserve.LitAPI):  # type: ignore[misc,unused-ignore]
    """Recognises digits."""

    def setup(self, device: str) -> None:
        """Load the model."""
        self.module = load()

    def decode_request(self, request: Request) -> Image.Image:
        """Return the picture; LitServe passes the form to a parameter with this annotation."""
        form: Any = request
        return Image.open(io.BytesIO(form["file"].file.read()))

    def predict(self, x: Image.Image) -> dict[str, Any]:
        """Return the recognised digit."""
        return recognise(self.module, x)

    def encode_response(self, output: dict[str, Any]) -> dict[str, Any]:
        """Return it unchanged."""
        return output


if __name__ == "__main__":
    port, workers = int(sys.argv[1]), int(sys.argv[2])
    server = litserve.LitServer(DigitApi(api_path="/predict"), accelerator="cpu", workers_per_device=workers)
    server.run(host="127.0.0.1", port=port, num_api_servers=workers, generate_client_file=False, log_level="error")
