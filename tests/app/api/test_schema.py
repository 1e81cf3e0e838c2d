"""The service answers as its OpenAPI document says, whatever requests schemathesis makes from the document."""

import subprocess
import sys
from pathlib import Path

from tests.serving import serving

CONFIG = Path(__file__).parent / "schemathesis.toml"


def test_every_answer_is_one_that_the_document_describes(tmp_path: Path) -> None:
    with serving(LENET_WORKERS="1") as (_, address):
        command = [sys.executable, "-m", "schemathesis.cli", "--config-file", str(CONFIG), "run"]
        report = subprocess.run(
            [*command, "--no-color", f"{address}/openapi.json"],
            cwd=tmp_path,  # it keeps a cache there
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
    assert report.returncode == 0, report.stdout + report.stderr
    assert "Coverage" in report.stdout
