"""Mutations of files, as plans: lists of steps that can be drawn, kept, shortened and replayed.

A step is four whole numbers, so that Hypothesis and a seeded generator draw them alike. What a
number means depends on the bytes at hand: a place is drawn among the regions that matter in the
format (a footer, the heads of pages), then within one.
"""

from __future__ import annotations

import random
import re
import struct
from collections.abc import Callable, Sequence
from typing import NamedTuple

TOP = 2**16
MOST_STEPS = 6
INTERESTING = (
    0, 1, -1, 2, 7, 8, 16, 100, 127, 128, -128, 255, 256, 32767, 32768, 65535, 65536, 2**24,
    2**31 - 1, 2**31, -(2**31), 2**32 - 1, 2**32, 2**53, 2**62, 2**63 - 1, -(2**63),
)  # fmt: skip
WORDS = (
    b"0", b"-1", b"1e308", b"-1e-320", b"1e400", b"NaN", b"Infinity", b"null", b"true", b"false",
    b"9223372036854775808", b"1" * 400, b'""', b"''", b"[]", b"{}", b'"\\ud800"', b'"\\u0000"',
    b"\xff\xfe", b"\xef\xbb\xbf", b"\0", b"\n", b"\r\n", b"\t", b",", b":",
    b": ", b"- ", b"#", b"&a ", b"*a",
    b"<<: ", b"!!python/name:os.system ", b"!!binary ", b"|\n", b"{", b"}", b"[", b"]", b'"', b"'",
    b"\xe2\x80\xae", b"\x1b[31m", b"\xf0\x9f\x98\x80", b"2026-02-30", b"0001-01-01T00:00:00Z",
    b"9999-12-31T23:59:59+14:00", b"1_000", b"0x1F", b"1:30", b"{count!r:>99}", b"{0.__class__}",
)  # fmt: skip
TOKEN = re.compile(rb'-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|"(?:[^"\\\n]|\\.)*"|\w+|[^\w\s]')
WIDTHS = (">b", "<h", ">h", "<i", ">i", "<q", ">q")

Region = tuple[int, int]
Regions = Callable[[bytes], Sequence[Region]]


class Step(NamedTuple):
    """One change: what, where, how long, with which value; each from 0 to ``TOP`` - 1."""

    kind: int
    place: int
    size: int
    value: int


Plan = Sequence[Step]


def drawn(chance: random.Random) -> list[Step]:
    """Return a plan of a seeded generator; most are short."""
    steps = min(1 + int(chance.expovariate(0.7)), MOST_STEPS)
    return [Step(*(chance.randrange(TOP) for _ in range(4))) for _ in range(steps)]


def mutated(data: bytes, plan: Plan, others: Sequence[bytes], regions: Regions) -> bytes:
    """Return `data` changed step by step.

    Parameters
    ----------
    data : bytes
        A seed.
    plan : sequence of Step
    others : sequence of bytes
        Files of the same sort, to splice with.
    regions : callable
        Finds the places of a file that matter.
    """
    for step in plan:
        kind = KINDS[step.kind % len(KINDS)]
        at, length = _spot(data, step, regions)
        data = kind(data, at, length, step.value, others)
    return data


def _spot(data: bytes, step: Step, regions: Regions) -> Region:
    """Return where a step begins, and the length of what it changes: mostly a few bytes."""
    places = [(0, len(data)), *regions(data)]
    start, end = places[step.place % len(places)]
    at = start + (step.place // len(places)) % max(1, end - start)
    power = step.size % 12  # 1 to 2048 bytes
    return at, 1 + (step.size // 12) % 2**power


def _flip(data: bytes, at: int, length: int, value: int, others: Sequence[bytes]) -> bytes:
    changed = bytes(byte ^ (1 << value % 8) for byte in data[at : at + 1])
    return data[:at] + changed + data[at + 1 :]


def _set(data: bytes, at: int, length: int, value: int, others: Sequence[bytes]) -> bytes:
    return data[:at] + bytes([value % 256]) + data[at + 1 :]


def _integer(data: bytes, at: int, length: int, value: int, others: Sequence[bytes]) -> bytes:
    form = WIDTHS[length % len(WIDTHS)]
    size = struct.calcsize(form)
    number = INTERESTING[value % len(INTERESTING)] % 2 ** (8 * size)
    order = "little" if form[0] == "<" else "big"
    return data[:at] + number.to_bytes(size, order) + data[at + size :]


def _varint(data: bytes, at: int, length: int, value: int, others: Sequence[bytes]) -> bytes:
    """Replace a number as Thrift's compact protocol and SQLite's records have them."""
    number = INTERESTING[value % len(INTERESTING)]
    number = (number << 1) ^ (number >> 63)
    packed = b""
    while number > 127:
        packed += bytes([number & 127 | 128])
        number >>= 7
    end = at
    while end < len(data) and data[end] > 127:
        end += 1
    return data[:at] + packed + bytes([number]) + data[end + 1 :]


def _delete(data: bytes, at: int, length: int, value: int, others: Sequence[bytes]) -> bytes:
    return data[:at] + data[at + length :]


def _truncate(data: bytes, at: int, length: int, value: int, others: Sequence[bytes]) -> bytes:
    return data[:at] if value % 2 else data[at:]


def _duplicate(data: bytes, at: int, length: int, value: int, others: Sequence[bytes]) -> bytes:
    times = 2 + value % 3 if value % 50 else 200
    return data[:at] + data[at : at + length] * times + data[at + length :]


def _swap(data: bytes, at: int, length: int, value: int, others: Sequence[bytes]) -> bytes:
    to = (at + length + value) % max(1, len(data))
    first, second = sorted((at, to))
    length = min(length, second - first)
    a, b = data[first : first + length], data[second : second + length]
    return data[:first] + b + data[first + length : second] + a + data[second + length :]


def _splice(data: bytes, at: int, length: int, value: int, others: Sequence[bytes]) -> bytes:
    other = others[value % len(others)]
    start = value % max(1, len(other))
    return data[:at] + other[start : start + length] + data[at + length :]


def _insert(data: bytes, at: int, length: int, value: int, others: Sequence[bytes]) -> bytes:
    return data[:at] + WORDS[value % len(WORDS)] + data[at:]


def _token(data: bytes, at: int, length: int, value: int, others: Sequence[bytes]) -> bytes:
    """Replace a number, a word or a string whole, which is what parsers let through."""
    found = TOKEN.search(data, at)
    if found is None:
        return data
    word = WORDS[value % len(WORDS)]
    if length % 2:  # a word of another file of the sort, so that it means something
        other = others[value % len(others)]
        again = TOKEN.search(other, (value * 31) % max(1, len(other)))
        word = again[0] if again else word
    return data[: found.start()] + word + data[found.end() :]


def _line(data: bytes, at: int, length: int, value: int, others: Sequence[bytes]) -> bytes:
    """Take away, repeat, indent or move a line."""
    start = data.rfind(b"\n", 0, at) + 1
    end = data.find(b"\n", at) + 1 or len(data)
    line, rest = data[start:end], data[:start] + data[end:]
    to = rest.find(b"\n", value % max(1, len(rest))) + 1
    made = (b"", line * 2, b"  " + line, line.lstrip())
    if value % 5 == 4:
        return rest[:to] + line + rest[to:]
    return data[:start] + made[value % 5] + data[end:]


KINDS = (
    _flip, _set, _integer, _integer, _varint, _delete, _truncate, _duplicate, _swap, _splice,
    _insert, _token, _token, _token, _line,
)  # fmt: skip


def parquet_regions(data: bytes) -> list[Region]:
    """Return the footer, twice as likely, and where pages may begin."""
    if len(data) < 12 or data[-4:] != b"PAR1":
        return [(max(0, len(data) - 500), len(data))]
    length = int.from_bytes(data[-8:-4], "little")
    start = max(4, len(data) - 8 - length)
    return [(start, len(data) - 8), (start, len(data) - 8), (4, 64), (len(data) - 8, len(data))]


def sqlite_regions(data: bytes) -> list[Region]:
    """Return the header, the schema, and the heads of all pages."""
    size = int.from_bytes(data[16:18], "big") or 512
    return [(0, 100), (100, size), *((at, at + 24) for at in range(size, len(data), size))]


def no_regions(data: bytes) -> list[Region]:
    """Return none: all of a text matters."""
    return []
