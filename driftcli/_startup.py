"""What is settled before the numeric libraries are imported.

Keeps pandas out of start-up: pyarrow imports it, if installed, at its first conversion.

pyarrow asks for pandas once, when the first ``pa.scalar`` or ``pa.array`` is made, and remembers a
refusal only for its own shim; a later ``to_pandas`` or ``import pandas`` works as ever.
"""

from __future__ import annotations

import contextlib
import gc
import os
import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType


class _Refuse(MetaPathFinder):
    """Refuses pandas."""

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Raise for pandas, leave every other module to the next finder."""
        if name == "pandas":
            raise ModuleNotFoundError("pandas is not needed yet", name=name)
        return None


LEAST_ADDRESSES = 256 * 2**20
# a run leaves few cycles behind, and to look for them every 700 objects took 6 to 10 % of its time
COLLECT_AFTER = 100_000
POOL = "ARROW_DEFAULT_MEMORY_POOL"
_M_ARENA_MAX = -8  # of glibc's mallopt
DISABLED = "NPY_DISABLE_CPU_FEATURES"
CPU_INFO = Path("/proc/cpuinfo")
ZEN_4 = {"vendor_id": "AuthenticAMD", "cpu family": "25"}


def prepare_libraries() -> str:
    """Tell the numeric libraries how to behave, before they are imported.

    Arrow's usual allocator keeps what it freed; where addresses are limited (``ulimit -v``) it
    would reserve a gigabyte of them and end the process when refused. There each thread's arena, of
    64 MB of addresses, is spared too.

    Returns
    -------
    str
        Why there is no point in going on: below 256 MB OpenBLAS ends the process with 1, which
        means drift. Empty where there is none.
    """
    gc.set_threshold(COLLECT_AFTER)
    # no product here is large enough for BLAS's threads, which take memory and time to start
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    # Typer's pydantic would look through all installed packages for plugins
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    os.environ.setdefault(POOL, "system")
    if DISABLED not in os.environ and _sorts_slowly() and (feature := _avx512_of_numpy()):
        os.environ[DISABLED] = feature
    limit = _most_addresses()
    if limit is None:
        return ""
    if limit < LEAST_ADDRESSES:
        return f"only {limit >> 20} MB of memory allowed (ulimit -v). allow 512 MB at least"
    import ctypes

    if hasattr(libc := ctypes.CDLL(None), "mallopt"):
        libc.mallopt(_M_ARENA_MAX, 1)
    return ""


def _sorts_slowly() -> bool:
    """Whether this is a Zen 4, which sorts with AVX-512 four times as long as with AVX2.

    What compresses vectors into memory is microcode there (numpy/x86-simd-sort#6); the JDK leaves
    it out as well (JDK-8317976).
    """
    try:
        with CPU_INFO.open(encoding="ascii", errors="replace") as file:
            first = file.read(8192).partition("\n\n")[0]
    except OSError:  # not on Linux
        return False
    lines = (line.partition(":")[::2] for line in first.splitlines())
    told = {name.strip(): value.strip() for name, value in lines}
    return told.items() >= ZEN_4.items() and "avx512f" in told.get("flags", "").split()


def _avx512_of_numpy() -> str:
    """Return by which name numpy does without AVX-512, empty where it would not or need not.

    Only wheels of the package index are known to start without it: what was built for one machine
    may insist. Before numpy 2.0 only AVX-512 was sorted with.
    """
    from importlib.metadata import distribution

    try:
        numpy = distribution("numpy")
        tags = numpy.read_text("WHEEL") or ""
        release = tuple(int(part) for part in numpy.version.split(".")[:2])
    except (ImportError, OSError, ValueError):  # not there, not readable, no such version
        return ""
    if release < (2, 0) or not any(index in tags for index in ("manylinux", "musllinux")):
        return ""
    return "AVX512F" if release < (2, 4) else "X86_V4"


def _most_addresses() -> int | None:
    """Return how many bytes of addresses the process may have, ``None`` without a limit."""
    try:
        import resource
    except ImportError:  # not on Windows
        return None
    limit = resource.getrlimit(resource.RLIMIT_AS)[0]
    return None if limit == resource.RLIM_INFINITY else limit


def keep_pandas_out() -> None:
    """Let pyarrow look for pandas now, in vain, unless pandas is already loaded."""
    if "pandas" in sys.modules:
        return
    import pyarrow as pa

    _return_memory(pa)
    refuse = _Refuse()
    sys.meta_path.insert(0, refuse)
    try:
        pa.scalar(1)
    finally:
        sys.meta_path.remove(refuse)


def _return_memory(pa: ModuleType) -> None:
    """Have Arrow give back what it freed, where nobody chose otherwise.

    Of ten files of ten million rows the system's allocator kept 30 MB more than of one.
    """
    if os.environ.get(POOL) != "system" or _most_addresses() is not None:
        return  # where addresses are limited jemalloc tells stderr of its troubles
    with contextlib.suppress(NotImplementedError):
        pa.set_memory_pool(pa.jemalloc_memory_pool())
