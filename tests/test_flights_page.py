"""The page docs/flights.md is what was measured, and that keeps what is promised of real days."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "benchmarks"))

import flights_figures as of
import flights_page as page

ROOT = Path(__file__).parents[1]
FIGURES = json.loads((ROOT / "benchmarks" / "flights_days.json").read_text(encoding="utf-8"))
REPLAYS = FIGURES["replays"]
FIRST, SENSITIVE = REPLAYS
BY_THRESHOLDS = pytest.mark.parametrize(
    "replay", REPLAYS, ids=[" ".join(replay["thresholds"]) for replay in REPLAYS]
)


def test_the_page_is_what_was_measured() -> None:
    assert (ROOT / "docs" / "flights.md").read_text(encoding="utf-8") == page.render(FIGURES)


@BY_THRESHOLDS
def test_days_were_split_as_the_page_says(replay: of.Figures) -> None:
    outline = replay["backtest"]
    assert outline["splits"] == 50
    assert outline["n_windows"] == 365
    assert outline["n_tested"] == 50 * (365 - outline["n_reference"])


@BY_THRESHOLDS
def test_unchanged_days_alarm_at_most_at_alpha_within_the_limits(replay: of.Figures) -> None:
    outline = replay["backtest"]
    rank, level = of.level(outline)
    assert (rank, outline["n_reference"]) == (9, 182)
    low, high = of.limits(outline)
    assert low < level <= of.ALPHA
    assert outline["any"]["windows"] <= high
    assert all(outline["any"][rule] > 0.95 for rule in ("rows", "threshold"))


def test_each_other_tool_alarms_more_often_on_unchanged_days() -> None:
    ours = max(replay["backtest"]["any"]["windows"] for replay in REPLAYS)
    rates = {
        peer["title"]: of.share_of(peer, "any column", of.UNCHANGED) for peer in FIGURES["peers"]
    }
    assert set(rates) == {"Evidently", "NannyML", "tutorial rule"}
    assert min(rates.values()) > ours
    # as the page says of it
    assert rates["NannyML"] < 0.5 < min(rates["Evidently"], rates["tutorial rule"])


@BY_THRESHOLDS
def test_faults_larger_than_what_days_differ_by_are_found(replay: of.Figures) -> None:
    larger = [fault for fault in FIGURES["faults"] if of.outstanding(FIGURES, fault)]
    assert larger == ["distance*1.609", "drop:carrier=UA", "null:dest=0.05"]
    assert all(of.found(replay, fault) >= of.PROMISED for fault in larger)


@pytest.mark.parametrize("fault", FIGURES["faults"])
def test_each_fault_is_found_where_its_column_is_watched_alone(fault: str) -> None:
    apart = SENSITIVE["alone"][fault]
    assert apart["found"]["windows"] >= of.PROMISED
    assert apart["any"]["windows"] <= of.limits(SENSITIVE["backtest"])[1]


def test_the_limits_are_those_of_random_splits() -> None:
    outline = {"n_reference": 20, "n_tested": 20, "splits": 2}
    rank, level = of.level(outline)
    assert (rank, level) == (1, 1 / 21)
    rng = np.random.default_rng(0)
    # an alarm: louder than the loudest of the reference
    days = rng.random((20_000, 2, 30))
    alarms = (days[..., 20:] > days[..., :20].max(axis=-1, keepdims=True)).sum(axis=(1, 2))
    low, high = of.limits(outline)
    assert (round(20 * low), round(20 * high)) == tuple(np.quantile(alarms, [0.025, 0.975]))


def test_shares_are_whole_only_where_they_are_exact() -> None:
    shown = [page.percent(share) for share in (0.0, 1e-5, 0.0523, 0.99999, 1.0)]
    assert shown == ["0 %", "0.1 %", "5.2 %", "99.9 %", "100 %"]


def test_readme_shows_the_peers_as_they_were_measured() -> None:
    from readme_table import README, recorded

    assert f"<!-- peers -->\n{recorded()}\n\n" in README.read_text("utf-8")
