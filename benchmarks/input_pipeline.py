"""Cost of the input pipeline, from bytes to the network's input, against a minimal version with Pillow, on one core.

`python -m benchmarks.input_pipeline` prints a table and a JSON line. Both versions alternate on the same bytes, so the
ratio is reliable even on a noisy machine. Peak memory is measured in a separate process.
"""

import argparse
import io
import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from app.lenet.decoding.decoder import decode
from app.lenet.decoding.image_limits import ImageLimits
from app.lenet.inference.input_tensor import to_input
from app.lenet.inference.preprocessing import preprocess
from app.lenet.network.input_spec import NOTEBOOK_INPUT

SEVEN = Path(__file__).parent.parent / "docs" / "examples" / "seven.png"
STROKES = np.array([[0.3, 0.25], [0.7, 0.25], [0.5, 0.48], [0.7, 0.62], [0.55, 0.8], [0.3, 0.75]])  # a 3
MEMORY_PROGRAM = """
import re, sys
from app.lenet.decoding.image_limits import ImageLimits
from app.lenet.decoding.decoder import decode
from app.lenet.inference.preprocessing import preprocess
# Not getrusage, whose peak includes that of the parent process before it started this one.
peak = lambda: int(re.search(r"VmHWM:\\s*(\\d+)", open("/proc/self/status").read())[1]) * 1024
data, before = sys.stdin.buffer.read(), peak()
preprocess(decode(data, ImageLimits()), "auto", 32)
print(peak() - before)
"""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=9)
    rounds = parser.parse_args().rounds
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    pictures = {
        "28x28 PNG, MNIST's form": SEVEN.read_bytes(),
        "280x280 PNG, drawn": encoded(drawn(280, 280), "PNG"),
        "1000x1000 JPEG, photo": encoded(photographed(1000, 1000), "JPEG"),
        "12-megapixel JPEG, photo": encoded(photographed(3000, 4000), "JPEG"),
    }
    rows = [compare_paths(name, data, rounds) for name, data in pictures.items()]
    print("| picture | bytes to tensor | minimal Pillow | ratio |\n|---|---|---|---|")
    for row in rows:
        print(f"| {row['picture']} | {row['ms']:.3f} ms | {row['pillow_ms']:.3f} ms | {row['ratio']:.2f} |")
    memory = {
        f"{kind}, 50 megapixels": peak_memory(encoded(photographed(5000, 10_000), kind)) for kind in ("PNG", "JPEG")
    }
    print("\n| picture | peak memory added |\n|---|---|")
    for name, size in memory.items():
        print(f"| {name} | {size / 1e6:.0f} MB |")
    print(json.dumps({"benchmark": "input_pipeline", "rows": rows, "peak_bytes": memory}))


def compare_paths(name: str, data: bytes, rounds: int) -> dict[str, float | str]:
    """Return medians over rounds in which both versions alternate."""
    service, pillow = [], []
    calls = max(1, int(0.05 / seconds(lambda: service_path(data), 1)))
    for _ in range(rounds):
        service.append(seconds(lambda: service_path(data), calls))
        pillow.append(seconds(lambda: pillow_path(data), calls))
    ratio = median(a / b for a, b in zip(service, pillow, strict=True))
    return {"picture": name, "ms": median(service) * 1e3, "pillow_ms": median(pillow) * 1e3, "ratio": ratio}


def seconds(call: Callable[[], object], calls: int) -> float:
    """Return the mean seconds per call over `calls` calls."""
    started = time.perf_counter()
    for _ in range(calls):
        call()
    return (time.perf_counter() - started) / calls


def service_path(data: bytes) -> NDArray[np.float32]:
    """Prepare a picture as the service does: decode, canonical form, resize, normalise."""
    return to_input([preprocess(decode(data, ImageLimits()), "auto", NOTEBOOK_INPUT.size).image])


def pillow_path(data: bytes) -> torch.Tensor:
    """Prepare a picture with the minimum of work: decode, convert to grey, resize, normalise."""
    grey = Image.open(io.BytesIO(data)).convert("L").resize((32, 32), Image.Resampling.BILINEAR)
    pixels = torch.from_numpy(np.array(grey)).float().div_(255)
    return pixels.sub_(NOTEBOOK_INPUT.mean).div_(NOTEBOOK_INPUT.std).view(1, 1, 32, 32)


def drawn(height: int, width: int) -> NDArray[np.uint8]:
    """Return a digit as if drawn on a canvas: black on white, antialiased."""
    page = np.full((height, width), 255, np.uint8)
    points = (STROKES * (width, height)).round().astype(np.int32)
    cv2.polylines(page, [points], isClosed=False, color=0, thickness=max(2, height // 20), lineType=cv2.LINE_AA)
    return page


def photographed(height: int, width: int) -> NDArray[np.uint8]:
    """Return a digit as if photographed in colour: grey paper with a shadow across it, and noise."""
    shade = np.linspace(0.95, 0.55, width, dtype=np.float32)
    noise = np.random.default_rng(0).normal(0, 4, (height, width)).astype(np.float32)
    grey = np.clip((60 + drawn(height, width) * 0.7) * shade + noise, 0, 255).astype(np.uint8)
    return np.stack([grey, grey, (grey * 0.9).astype(np.uint8)], axis=2)


def encoded(pixels: NDArray[np.uint8], kind: str) -> bytes:
    """Return the pixels as an image file."""
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, kind, **({"compress_level": 1} if kind == "PNG" else {"quality": 90}))
    return file.getvalue()


def peak_memory(data: bytes) -> int:
    """Return the bytes by which a process's peak memory grows while it prepares the picture."""
    command = [sys.executable, "-c", MEMORY_PROGRAM]
    return int(subprocess.run(command, input=data, check=True, capture_output=True).stdout)


if __name__ == "__main__":
    main()
