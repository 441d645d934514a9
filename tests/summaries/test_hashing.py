from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from driftcli.summaries.hashing import label_hashes, mixed

MODULUS = 2**64


def hashed(label):
    """The same in Python's numbers: a polynomial in the bytes plus one, then mixed twice."""
    total, power = 0, 1
    for byte in label.encode():
        total += (byte + 1) * power
        power *= 0x100000001B3
    return mixed_by_hand(total % MODULUS)


def mixed_by_hand(number):
    for _ in range(2):
        number = number * 0x9E3779B97F4A7C15 % MODULUS
        number ^= number >> 32
    return number


words = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
TYPES = pytest.mark.parametrize("kind", [pa.string(), pa.large_string()], ids=str)


@TYPES
@given(st.lists(words, max_size=12), st.integers(0, 5), st.integers(0, 12))
@settings(max_examples=60, deadline=None)
def test_every_label_has_the_hash_of_its_bytes(kind, labels, start, length):
    array = pa.array(labels, kind).slice(min(start, len(labels)), length)
    found = label_hashes(array)
    assert found.dtype == np.uint64
    assert found.tolist() == [hashed(label) for label in array.to_pylist()]


@TYPES
@pytest.mark.parametrize(
    "labels",
    [
        [],
        [""],
        ["", ""],
        ["", "a", ""],
        ["ä", "日本", "🦆"],
        ["\0", "\0\0", ""],
        ["x" * 5_000, "y"],
    ],
    ids=repr,
)
def test_odd_labels(kind, labels):
    array = pa.array(labels, kind)
    assert label_hashes(array).tolist() == [hashed(label) for label in labels]


def test_hashes_are_the_same_in_every_version():
    """They stand in files: these numbers may never change."""
    assert label_hashes(pa.array(["", "driftcli"])).tolist() == [0, 0x293447B1A83CFA3F]


def test_many_labels_have_as_many_hashes_evenly_spread():
    hashes = label_hashes(pa.array([f"user-{i}" for i in range(200_000)]))
    assert len(np.unique(hashes)) == 200_000
    for shift in (0, 32, 50):
        share = np.bincount((hashes >> np.uint64(shift)).astype(np.int64) & 1023, minlength=1024)
        # chi-square with 1,023 degrees of freedom: six standard deviations
        assert abs(float(((share - 195.3125) ** 2 / 195.3125).sum()) - 1023) < 6 * 2046**0.5


@given(st.lists(st.integers(0, MODULUS - 1), max_size=20))
@settings(max_examples=30, deadline=None)
def test_numbers_are_mixed_alike(numbers):
    found = mixed(np.array(numbers, dtype=np.uint64))
    assert found.tolist() == [mixed_by_hand(number) for number in numbers]
