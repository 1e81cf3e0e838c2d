"""deploy/monitoring: Prometheus accepts it, its alerts fire when they should, and it asks for what there is."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from prometheus_client.parser import text_string_to_metric_families

from app.observability.service_metrics import ServiceMetrics

MONITORING = Path(__file__).parents[2] / "deploy" / "monitoring"
DASHBOARD = json.loads((MONITORING / "grafana" / "lenet.json").read_text())
QUERIES = [target["expr"] for panel in DASHBOARD["panels"] for target in panel.get("targets", [])]

needs_promtool = pytest.mark.skipif(
    shutil.which("promtool") is None, reason="promtool is not installed: apt install prometheus"
)


def promtool(*arguments: str | Path) -> str:
    """Run promtool, which must succeed; return what it prints."""
    run = subprocess.run(["promtool", *map(str, arguments)], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
    return run.stdout


@needs_promtool
def test_the_configuration_and_the_alerts_are_valid() -> None:
    assert "SUCCESS" in promtool("check", "config", MONITORING / "prometheus.yml")


@needs_promtool
def test_alerts_fire_when_they_should_and_not_otherwise() -> None:
    assert "SUCCESS" in promtool("test", "rules", MONITORING / "alerts_test.yml")


def test_every_alert_is_tested_to_fire() -> None:
    alerts = re.findall(r"alert: (\w+)", (MONITORING / "alerts.yml").read_text())
    fired = re.findall(r"alertname: (\w+)\n +exp_alerts:\n", (MONITORING / "alerts_test.yml").read_text())
    assert alerts
    assert set(fired) == set(alerts)


@needs_promtool
def test_the_queries_of_the_dashboard_are_valid(tmp_path: Path) -> None:
    rules = [
        {"record": f"query:{number}", "expr": re.sub(r"\$__(rate_interval|range)", "5m", query)}
        for number, query in enumerate(QUERIES)
    ]
    path = tmp_path / "queries.yml"
    path.write_text(json.dumps({"groups": [{"name": "dashboard", "rules": rules}]}))  # YAML is a superset of JSON
    assert f"{len(rules)} rules found" in promtool("check", "rules", path)


def test_the_dashboard_and_the_alerts_ask_for_what_the_service_has(client: TestClient) -> None:
    text = client.get("/metrics", headers={"Accept": "text/plain"}).text
    there = {sample.name for family in text_string_to_metric_families(text) for sample in family.samples}
    # Families that have no sample before they are needed.
    named = {f"{metric.name}{suffix}" for metric in ServiceMetrics().registry.collect() for suffix in SUFFIXES}
    asked = set(
        re.findall(r"\b((?:lenet|process)_\w+)", "\n".join([*QUERIES, (MONITORING / "alerts.yml").read_text()]))
    )
    assert asked
    assert asked <= there | named


def test_every_metric_is_on_the_dashboard() -> None:
    shown = "\n".join(QUERIES)
    assert [metric.name for metric in ServiceMetrics().registry.collect() if metric.name not in shown] == []


def test_panels_do_not_overlap_and_have_their_own_ids() -> None:
    cells = [
        (x, y)
        for place in (panel["gridPos"] for panel in DASHBOARD["panels"])
        for x in range(place["x"], place["x"] + place["w"])
        for y in range(place["y"], place["y"] + place["h"])
    ]
    assert len(cells) == len(set(cells))
    assert max(x for x, _ in cells) < 24
    ids = [panel["id"] for panel in DASHBOARD["panels"]]
    assert len(ids) == len(set(ids))


SUFFIXES = ("", "_total", "_bucket", "_sum", "_count")
