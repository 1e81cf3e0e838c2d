"""`python -m tests.e2e.hostile_clients ADDRESS`: many clients that send the largest and worst pictures at once.

Every answer must be a documented one, and afterwards the service must still recognise a digit.
"""

import asyncio
import json
import sys
from collections import Counter
from itertools import cycle, islice
from typing import Any

import httpx2
import numpy as np
from PIL import Image

from app.errors import KINDS
from benchmarks.input_pipeline import SEVEN, photographed
from tests.image_files import encoded

CLIENTS = 32
REQUESTS = 200
SECONDS = 300
SIDE = 7000

CODES = {kind.code for kind in KINDS.values() if kind.status != 500}


def hostile_files() -> dict[str, bytes]:
    """Return small files of many pixels, and a large one."""
    black = Image.new("L", (SIDE, SIDE))
    noise = np.random.default_rng(0).integers(0, 256, (1700, 1900, 3), np.uint8)
    return {
        "float.tiff": encoded(black.convert("F"), "TIFF", compression="tiff_deflate"),
        "16bit.png": encoded(Image.new("I;16", (SIDE, SIDE)), "PNG"),
        "rgba.png": encoded(Image.new("RGBA", (SIDE, SIDE)), "PNG"),
        "lossless.webp": encoded(black.convert("RGB"), "WebP", lossless=True),
        "grey.png": encoded(black, "PNG"),
        "progressive.jpg": encoded(black.convert("RGB"), "JPEG", progressive=True),
        "large.bmp": encoded(noise, "BMP"),
        "photo.jpg": encoded(photographed(4000, 3000), "JPEG"),
        "palette.gif": encoded(black.convert("P"), "GIF"),
    }


async def attack(address: str) -> Counter[str]:
    """Send the files, alone and in batches, to all routes, again while the answer is 503; count what was answered."""
    answers: Counter[str] = Counter()
    files = hostile_files()
    batch = [("file", file) for file in files.values() if len(file) < 1_000_000] * 5
    octets = {"content-type": "application/octet-stream"}
    bodies: list[tuple[str, dict[str, Any]]] = [
        (route, {"content": file, "headers": octets}) for file in files.values() for route in ("/predict", "/read")
    ]
    requests = islice(cycle([*bodies, ("/predict/batch", {"files": batch})]), REQUESTS)

    async def client(session: httpx2.AsyncClient) -> None:
        for route, body in requests:
            while (response := await session.post(f"{address}{route}", **body)).status_code == 503:
                answers[f"503 {response.json()['error']['code']}"] += 1
                await asyncio.sleep(0.1)
            code = "" if response.status_code == 200 else response.json()["error"]["code"]
            answers[f"{response.status_code} {code}".strip()] += 1

    async with httpx2.AsyncClient(timeout=SECONDS, limits=httpx2.Limits(max_connections=CLIENTS)) as session:
        await asyncio.gather(*(client(session) for _ in range(CLIENTS)))
    return answers


def main() -> None:
    """Print the answers; exit with 1 when one is not documented, or when the service is not well afterwards."""
    address = sys.argv[1]
    answers = asyncio.run(asyncio.wait_for(attack(address), SECONDS))
    print(json.dumps(answers))
    well = httpx2.post(f"{address}/predict", files={"file": SEVEN.read_bytes()}, timeout=30).json()["digit"] == 7
    documented = {answer.split()[-1] for answer in answers} <= CODES | {"200"}
    if not well or not documented:
        sys.exit(1)


if __name__ == "__main__":
    main()
