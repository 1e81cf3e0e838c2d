"""The arithmetic of docs/how-to/scale.md follows from the figures that it names, which other pages have measured."""

import re
from math import ceil

import pytest

from tests.doc_pages import PAGES, section

PAGE = "docs/how-to/scale.md"
PERFORMANCE = PAGES["docs/explanation/performance.md"]
RAY = PAGES["docs/how-to/ray-serve.md"]
COSTS = re.findall(
    r"^\| (\D.*?) \| ([\d,]+) \| ([\d.]+) \| ([\d.]+) \| ([\d.]+) \|$",
    section(PAGE, "## What a million pictures cost"),
    re.M,
)
PRICE = 0.04


def number(text: str, pattern: str) -> float:
    return float(re.findall(pattern, text, re.M)[0].replace(",", ""))


FORM = number(PERFORMANCE, r"^\| this service \| [\d,]+ \| (\d+)")
RAW = number(PERFORMANCE, r"^\| this service, raw body \| [\d,]+ \| (\d+)")
PROXY_FORM = number(PAGES[PAGE], r"^\| form \| (\d+)")
PROXY_RAW = number(PAGES[PAGE], r"^\| raw body \| (\d+)")


def test_the_steps_to_100000_requests_follow_from_one_another() -> None:
    steps = section(PAGE, "## To 100,000 requests a second")
    pods, proxies = ceil(FORM / 10 / 0.7), ceil(PROXY_FORM / 10 / 0.7)
    [(received, sent)] = re.findall(r"^\| form \|.*\| (\d+) \| (\d+) \|$", PAGES[PAGE], re.M)
    assert f"takes {FORM:.0f} us" in steps
    assert f"keep {FORM / 10:.1f} cores busy" in steps
    assert f"{0.7e6 / FORM:,.0f} requests/s, so that you need {pods} pods" in steps
    assert f"At {PROXY_FORM:.0f} us a request HAProxy keeps {PROXY_FORM / 10:.1f} cores busy" in steps
    assert f"which is {proxies} cores at 70 %" in steps
    assert f"{pods} and {proxies} are {pods + proxies}." in steps
    assert f"{received} bytes come and {sent} go" in steps
    assert f"{int(received) * 8e-4:.2f} and {int(sent) * 8e-4:.2f} Gbit/s" in steps


@pytest.mark.parametrize(("name", "seconds", "busy", "hours", "dollars"), COSTS)
def test_the_costs_follow_from_the_cpu_time(name: str, seconds: str, busy: str, hours: str, dollars: str) -> None:
    needed = float(seconds.replace(",", "")) / float(busy) / 3600
    assert hours == f"{needed:.2f}"
    assert dollars == f"{needed * PRICE:.4f}"


def test_the_cpu_times_are_those_measured() -> None:
    assert f"Assume {PRICE} dollars" in PAGES[PAGE]
    measured = {
        "forms, with HAProxy": FORM + PROXY_FORM,
        "raw bodies, with HAProxy": RAW + PROXY_RAW,
        "batches of 64": number(PERFORMANCE, r"^\| this service, batches of 64 \| [\d,]+ \| (\d+)"),
        "forms, on Ray Serve with HAProxy": number(RAY, r"^\| Ray Serve, HAProxy \| ([\d,]+)"),
        "Parquet, in bulk": number(PERFORMANCE, r"^\| 1,000,000 \| 2 \|.* (\d+) \|$"),
        "photos of 1 megapixel": 1000 * number(PERFORMANCE, r"photo of 1 megapixel \| ([\d.]+)"),
        "photos of 12 megapixels": 1000 * number(PERFORMANCE, r"photo of 12 megapixels \| ([\d.]+)"),
    }
    assert {name: float(seconds.replace(",", "")) for name, seconds, *_ in COSTS} == measured
