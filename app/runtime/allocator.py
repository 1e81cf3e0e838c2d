"""The C library's allocator, told to give the memory of large pictures back to the system as soon as it is free."""

import ctypes

# Parameters of glibc's mallopt(3), from malloc.h.
_M_TRIM_THRESHOLD = -1
_M_MMAP_THRESHOLD = -3

LARGE_BYTES = 1_000_000
"""What is at least as large gets pages of its own. glibc would raise this to 32 MB as soon as such memory is freed."""

KEPT_BYTES = 8_000_000
"""What each thread's heap may keep at its end for the next request."""


def give_back_large_memory() -> bool:
    """Set this process's allocator; return whether it could be set. It stays as it is where it is not glibc's."""
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, TypeError, AttributeError):  # musl, macOS, Windows
        return False
    return bool(mallopt(_M_MMAP_THRESHOLD, LARGE_BYTES) and mallopt(_M_TRIM_THRESHOLD, KEPT_BYTES))
