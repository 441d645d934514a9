"""Tells whether the data a model sees today still looks like what it was trained on."""

from __future__ import annotations

__version__ = "0.1.0"
