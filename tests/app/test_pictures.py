"""Uploads within the memory for decoding and within a batch's pixels."""

import math
import subprocess
import sys
import threading
import time

import numpy as np
import pytest
from PIL import Image

from app.errors import BatchPixelsError, DeadlineError, FileTooLargeError, RequestError
from app.lenet.decoding.image_errors import PixelLimitError
from app.lenet.decoding.image_limits import ImageLimits
from app.lenet.inference.preprocessing import PreprocessedDigit
from app.pictures import Pictures, PixelAllowance
from tests.image_files import encoded

LARGE = encoded(Image.new("RGB", (1200, 1200), "white"))
PROGRAM = """
import re, sys
from threading import Thread
from app.runtime.allocator import give_back_large_memory
from app.lenet.decoding.image_limits import ImageLimits
from app.pictures import Pictures
def status(key): return int(re.search(key + r":\\s*(\\d+)", open("/proc/self/status").read())[1]) * 1024
data, pictures = sys.stdin.buffer.read(), Pictures(ImageLimits(), 32)
give_back_large_memory()
before = status("VmRSS")
threads = [Thread(target=pictures.digit, args=(data, "auto", float("inf"))) for _ in range(4)]
for thread in threads: thread.start()
for thread in threads: thread.join()
print(status("VmHWM") - before, status("VmRSS") - before)
"""


def test_a_picture_waits_for_memory_and_is_given_up_at_the_deadline() -> None:
    pictures = Pictures(ImageLimits(decoded_bytes=60_000_000), 32)
    with pictures._budget.reserve(60_000_000), pytest.raises(DeadlineError):
        pictures.digit(LARGE, "auto", time.monotonic())
    assert pictures.digit(LARGE, "auto", time.monotonic() + 30).warnings == ("blank",)


def test_a_picture_that_waits_is_decoded_as_soon_as_there_is_memory() -> None:
    pictures = Pictures(ImageLimits(decoded_bytes=60_000_000), 32)
    found: list[PreprocessedDigit] = []
    with pictures._budget.reserve(60_000_000):
        thread = threading.Thread(target=lambda: found.append(pictures.digit(LARGE, "auto", math.inf)))
        thread.start()
        while thread.is_alive() and not pictures._budget._waiting:  # until it waits
            time.sleep(0)
        assert not found
    thread.join(30)
    assert len(found) == 1


def test_pictures_beyond_a_batchs_pixels_get_an_error_each() -> None:
    small, jpeg = encoded(np.zeros((100, 100, 3), np.uint8)), encoded(np.zeros((4000, 4000), np.uint8), "JPEG")
    uploads: list[bytes | RequestError] = [LARGE, LARGE, small, jpeg, FileTooLargeError("too large"), b"nothing"]
    allowance = PixelAllowance(2_500_000)
    results = Pictures(ImageLimits(), 32).digits(uploads, "auto", math.inf, allowance)
    kinds = [type(result).__name__ for result in results]
    assert kinds == [
        "PreprocessedDigit",  # 1,440,000 pixels
        "BatchPixelsError",
        "PreprocessedDigit",  # still fits
        "PreprocessedDigit",  # 16,000,000 pixels, decoded at an eighth of each side
        "FileTooLargeError",
        "NotAnImageError",
    ]
    assert allowance._left == 2_500_000 - 1_440_000 - 10_000 - 250_000
    assert "at most 2,500,000 decoded pixels" in str(results[1])


def test_an_allowance_can_be_spent_to_its_last_pixel() -> None:
    allowance = PixelAllowance(2)
    allowance.spend(2)
    with pytest.raises(BatchPixelsError):
        allowance.spend(1)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_four_large_pictures_at_once_stay_within_the_memory_and_give_it_back() -> None:
    picture = Image.new("RGBA", (7000, 7000))
    picture.paste((20, 20, 20, 255), (3000, 1500, 3500, 5500))
    data = encoded(picture)
    run = subprocess.run([sys.executable, "-c", PROGRAM], input=data, check=True, capture_output=True)
    peak, rest = map(int, run.stdout.split())
    assert 190_000_000 < peak < 360_000_000
    assert rest < 60_000_000


def test_what_can_never_fit_is_refused_at_once() -> None:
    pictures = Pictures(ImageLimits(decoded_bytes=5_000_000), 32)
    with pictures._budget.reserve(5_000_000), pytest.raises(PixelLimitError, match=r"PNG picture .* to decode"):
        pictures.page(LARGE, math.inf)
