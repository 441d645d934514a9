"""driftcli: is the data a model sees today still what it was trained on?"""

from __future__ import annotations

__version__ = "0.1.0"
