"""Memory and time that the largest pictures take in the service: rows of `benchmarks.limits`."""

import io
import re
import time
from pathlib import Path
from typing import Any

import httpx2
import numpy as np
from PIL import Image

from benchmarks.input_pipeline import SEVEN
from benchmarks.servers import THIS, RunningServer, run_server

SIDE = 7000
IN_A_BATCH = 64
REST_SECONDS = 10
SCANS = 100


def picture_rows() -> dict[str, float]:
    """Return megabytes over rest while each picture is answered and 10 s later, and seconds of a batch and of scans."""
    rows: dict[str, float] = {}
    pictures = {
        "float TIFF": _file(Image.fromarray(np.asarray(_page("L"), np.float32)), "TIFF", compression="tiff_deflate"),
        "lossless WebP": _file(_page("RGB"), "WEBP", lossless=True, method=0),
        "RGBA PNG": _file(_page("RGBA"), "PNG"),
        "progressive JPEG": _file(_page("RGB"), "JPEG", progressive=True),
    }
    for name, data in pictures.items():
        with run_server(THIS, SEVEN.read_bytes(), workers=1) as server:
            rest = _megabytes(server, "VmRSS")
            status = _post(server.address, data).status_code
            rows[f"{name} of {SIDE} x {SIDE}, status"] = status
            rows[f"{name}, MB over rest"] = _megabytes(server, "VmHWM") - rest
            time.sleep(REST_SECONDS)
            rows[f"{name}, MB over rest {REST_SECONDS} s later"] = _megabytes(server, "VmRSS") - rest
    with run_server(THIS, SEVEN.read_bytes(), workers=1) as server:
        started = time.perf_counter()
        files = [("file", ("digit.png", pictures["RGBA PNG"], "image/png"))] * IN_A_BATCH
        response = httpx2.post(server.address + "/batch", files=files, timeout=120)
        rows[f"batch of {IN_A_BATCH} RGBA PNGs, seconds"] = time.perf_counter() - started
        rows["of them answered"] = sum("digit" in result for result in response.json()["results"])
        data = _with_scans(pictures["progressive JPEG"])
        started = time.perf_counter()
        rows[f"JPEG of {SCANS} scans, status"] = _post(server.address, data).status_code
        rows["its seconds"] = time.perf_counter() - started
    return rows


def _page(mode: str) -> Image.Image:
    page = Image.new("RGBA", (SIDE, SIDE), (250, 250, 250, 255))
    page.paste((20, 20, 20, 255), (3000, 1500, 3500, 5500))
    return page.convert(mode)


def _file(picture: Image.Image, kind: str, **options: Any) -> bytes:
    file = io.BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


def _with_scans(progressive: bytes) -> bytes:
    """Return the JPEG with its last scan repeated until there are enough."""
    last = progressive.rindex(b"\xff\xda")
    missing = SCANS - progressive.count(b"\xff\xda")
    return progressive[:-2] + progressive[last:-2] * missing + progressive[-2:]


def _post(address: str, data: bytes) -> httpx2.Response:
    return httpx2.post(address, content=data, headers={"content-type": "application/octet-stream"}, timeout=60)


def _megabytes(server: RunningServer, key: str) -> float:
    """Return a figure of the largest process's `status`, see proc(5)."""
    found = [re.search(key + r":\s+(\d+) kB", _status(process)) for process in server.processes()]
    return max(int(match[1]) / 1000 for match in found if match)


def _status(process: Path) -> str:
    try:
        return (process / "status").read_text()
    except OSError:
        return ""
