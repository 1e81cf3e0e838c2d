from pathlib import Path
from types import CodeType

import pytest
from starlette.applications import Starlette
from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

from app.lenet.canonical.canonical_form import canonicalise
from app.lenet.network.engines import OnnxEngine
from app.runtime.gathering_transport import GatheringTransport
from benchmarks.request_profile import PARTS, REST, check_parts, part_of, shares_of

SAMPLES = """\
main (app/__main__.py:40);run_asgi (uvicorn/x.py:9);FastPath._predict (app/layers/fast_path.py:48) 2
main (app/__main__.py:40);MicroBatcher._turn (app/runtime/micro_batching.py:6);OnnxEngine.logits \
(app/lenet/network/engines.py:1);run (onnxruntime/capi/session.py:3) 5
main (app/__main__.py:40);Runner.run (asyncio/runners.py:118) 3
"""


def frame(code: CodeType) -> str:
    """The frame as py-spy writes it, with the whole path of the file."""
    return f"{code.co_qualname} ({code.co_filename}:{code.co_firstlineno})"


def test_each_name_in_the_table_exists() -> None:
    check_parts()


@pytest.mark.parametrize("name", ["app.layers.direct", "app.layers.fast_path:FastPath._gone"])
def test_a_name_that_does_not_exist_raises(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setitem(PARTS, "gone", (name,))
    with pytest.raises((ImportError, AttributeError)):
        check_parts()


def test_a_sample_belongs_to_the_innermost_named_code() -> None:
    assert shares_of(SAMPLES) == {
        "making the answer and its JSON": 0.2,
        "forward pass in ONNX Runtime, shared by a batch": 0.5,
        REST: 0.3,
    }


@pytest.mark.parametrize(
    ("code", "part"),
    [
        (OnnxEngine.logits.__code__, "forward pass in ONNX Runtime, shared by a batch"),
        (canonicalise.__code__, "canonical form"),
        (GatheringTransport.write.__code__, "sending the answer"),
        (RequestResponseCycle.send.__code__, "sending the answer"),
        (Starlette.__call__.__code__, "layers of FastAPI and Starlette before the fast path"),
        (RequestResponseCycle.run_asgi.__code__, REST),
        (Path.read_text.__code__, REST),
    ],
)
def test_functions_are_found_by_file_and_name(code: CodeType, part: str) -> None:
    assert part_of([frame(code)]) == part


def test_names_of_functions_match_whole() -> None:
    assert part_of(["RequestResponseCycle.send_later (uvicorn/protocols/http/httptools_impl.py:1)"]) == REST
    assert part_of(["__call__ (other/app/layers_of_another/x.py:1)"]) == REST
