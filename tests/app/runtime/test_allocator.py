import ctypes
import platform

import pytest

from app.runtime.allocator import give_back_large_memory


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another C library")
def test_glibc_is_set() -> None:
    assert give_back_large_memory()


def test_a_c_library_without_the_function_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    def without(_: object) -> object:
        return object()

    monkeypatch.setattr(ctypes, "CDLL", without)
    assert not give_back_large_memory()
