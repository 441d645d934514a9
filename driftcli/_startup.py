"""Keeps pandas out of start-up: pyarrow imports it, if installed, at its first conversion.

pyarrow asks for pandas once, when the first ``pa.scalar`` or ``pa.array`` is made, and remembers a
refusal only for its own shim; a later ``to_pandas`` or ``import pandas`` works as ever.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
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


def keep_pandas_out() -> None:
    """Let pyarrow look for pandas now, in vain, unless pandas is already loaded."""
    if "pandas" in sys.modules:
        return
    import pyarrow as pa

    refuse = _Refuse()
    sys.meta_path.insert(0, refuse)
    try:
        pa.scalar(1)
    finally:
        sys.meta_path.remove(refuse)
