"""`python -m tests.fuzz TARGET`: look for inputs that break a target, guided by coverage; needs atheris.

What it finds goes to tests/fuzz/findings/TARGET, where `make test` replays it.
"""

import argparse
import logging
import sys
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["app", "PIL", "python_multipart"]):
    from tests.fuzz.seeds import seeds
    from tests.fuzz.targets import TARGETS

FINDINGS = Path(__file__).parent / "findings"
SECONDS_OF_AN_INPUT = 10
MEGABYTES = 2048


def main() -> None:
    """Fuzz one target for a time, from the seeds and from what earlier runs have kept."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("target", choices=TARGETS)
    parser.add_argument("--seconds", type=int, default=3600)
    parser.add_argument("--corpus", type=Path, default=Path(".fuzz"), help="folder of what has been learnt")
    options = parser.parse_args()
    corpus, findings = options.corpus / options.target, FINDINGS / options.target
    for folder in (corpus, findings):
        folder.mkdir(parents=True, exist_ok=True)
    for number, data in enumerate(seeds(options.target)):
        (corpus / f"seed{number:05}").write_bytes(data)
    logging.disable()  # python-multipart logs every form that it refuses
    arguments = [
        sys.argv[0],
        str(corpus),
        f"-artifact_prefix={findings}/",
        f"-max_total_time={options.seconds}",
        f"-timeout={SECONDS_OF_AN_INPUT}",
        f"-rss_limit_mb={MEGABYTES}",
        "-max_len=65536",
        "-use_value_profile=1",
        "-print_final_stats=1",
    ]
    atheris.Setup(arguments, TARGETS[options.target])
    atheris.Fuzz()


if __name__ == "__main__":
    main()
