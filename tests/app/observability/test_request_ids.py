"""Request ids: the client's own where it is acceptable, a new one otherwise, and the trace id of a traceparent."""

import pytest

from app.observability.request_ids import HEADER, MOST_CHARACTERS, context_of

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


@pytest.mark.parametrize("given", [b"a", b"order-17/3", b"!~", b"x" * MOST_CHARACTERS])
def test_an_acceptable_id_is_kept(given: bytes) -> None:
    assert context_of([(HEADER, given)]).request_id == given.decode()


@pytest.mark.parametrize(
    "given", [b"", b"x" * (MOST_CHARACTERS + 1), b"two words", b"\tid", b"id\n", b"\x1b[31m", b"\xff"]
)
def test_any_other_id_is_replaced(given: bytes) -> None:
    made = context_of([(HEADER, given)]).request_id
    assert len(made) == 32
    assert int(made, 16) >= 0


def test_new_ids_differ() -> None:
    assert len({context_of([]).request_id for _ in range(1000)}) == 1000


@pytest.mark.parametrize(
    ("traceparent", "trace_id"),
    [
        (f"00-{TRACE}-00f067aa0ba902b7-01", TRACE),
        (f"cc-{TRACE}-00f067aa0ba902b7-01-what-comes-later", TRACE),
        (f"ff-{TRACE}-00f067aa0ba902b7-01", ""),
        (f"00-{'0' * 32}-00f067aa0ba902b7-01", ""),
        (f"00-{TRACE}-{'0' * 16}-01", ""),
        (f"00-{TRACE.upper()}-00f067aa0ba902b7-01", ""),
        (f"00-{TRACE}", ""),
        ("", ""),
    ],
)
def test_the_trace_id_is_taken_from_a_valid_traceparent(traceparent: str, trace_id: str) -> None:
    """The rules are those of W3C Trace Context, 3.2.2."""
    assert context_of([(b"traceparent", traceparent.encode())]).trace_id == trace_id
