"""What a fold has seen so far, as bytes that another process adds to its own.

A state is made of mappings with fixed names as keys, lists, numbers, text, ``None`` and arrays of
numbers.
"""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

State = Mapping[str, Any]

_ARRAY = "array"


def packed(state: State) -> bytes:
    """Return a state as bytes: its arrays as NumPy writes them, all else as JSON."""
    arrays: list[NDArray[Any]] = []

    def placed(array: NDArray[Any]) -> dict[str, int]:
        arrays.append(array)
        return {_ARRAY: len(arrays) - 1}

    text = json.dumps(state, default=placed)
    kept = {f"{_ARRAY}{at}": array for at, array in enumerate(arrays)}
    file = io.BytesIO()
    np.savez(file, allow_pickle=False, text=np.frombuffer(text.encode(), dtype=np.uint8), **kept)
    return file.getvalue()


def unpacked(data: bytes) -> State:
    """Return the state that :func:`packed` made bytes of."""
    with np.load(io.BytesIO(data), allow_pickle=False) as file:

        def found(told: dict[str, Any]) -> Any:
            return file[f"{_ARRAY}{told[_ARRAY]}"] if told.keys() == {_ARRAY} else told

        state: State = json.loads(file["text"].tobytes().decode(), object_hook=found)
    return state
