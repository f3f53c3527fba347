"""Memory that reading took, given back to the system.

The allocators keep what was freed for the next time, and the steps after reading allocate in other sizes: without this
the peak of a run is what reading needed and what loading needs, one on top of the other.
"""

import ctypes
import sys
from collections.abc import Callable
from functools import cache

from pim_pipelines.importing.readers.limits import MIB

WORTH_IT = 4 * MIB
"""files from this size on; of smaller ones nothing is left that matters"""


def give_back() -> None:
    """Return free memory to the system, where the system's library can."""
    if "pyarrow" in sys.modules:
        sys.modules["pyarrow"].default_memory_pool().release_unused()
    _trim()(0)


@cache
def _trim() -> Callable[[int], object]:
    try:
        trim: Callable[[int], object] = ctypes.CDLL(None).malloc_trim  # glibc's
    except (AttributeError, OSError, TypeError):
        return lambda _: None
    return trim
