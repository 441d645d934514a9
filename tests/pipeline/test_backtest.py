"""Replays of windows against loops over them, splits, what is found how late, what is proposed."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache, partial
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from scipy import stats

from driftcli.config import Columns, Config, Resources, Time
from driftcli.errors import DriftcliError
from driftcli.model import DecisionPolicy
from driftcli.pipeline.backtest import RULES, Backtest, Fired, Scenario, Split, backtest
from driftcli.pipeline.proposal import as_yaml, parse_rate, thresholds
from driftcli.pipeline.replayed import outline_of
from driftcli.pipeline.windows import Windowing
from driftcli.windows.clock import Clock
from driftcli.windows.spec import WindowSpec

WINDOWS, ROWS, FIRST, DAY = 44, 60, 20_458, 86_400  # the first is 2026-01-05, a Monday
THIN = 30  # a window with 20 rows
BY_DAY = Config(time=Time(column="t"))
LIMITS = {"ks": 0.1, "psi": 0.2, "chi2": 0.1, "missing": 0.05}
KINDS = {"t": "time", "x": "few", "c": "many", "n": "few", "k": "text"}


def log(seed: int = 1, windows: int = WINDOWS, mood: float = 0.3) -> pd.DataFrame:
    """Days that differ a little, in no order; one of them with 20 rows."""
    rng = np.random.default_rng(seed)
    at = np.repeat(np.arange(windows), ROWS)
    at = at[(at != THIN) | (np.cumsum(at == THIN) <= 20)]
    means, shares = rng.normal(0, mood, windows)[at], rng.uniform(0, 0.3, windows)[at]
    seconds = (FIRST + at) * DAY + rng.integers(0, DAY, len(at))
    return pd.DataFrame(
        {
            "t": seconds.astype("M8[s]"),
            "x": rng.choice([1, 2, 4, 7], len(at)),
            "c": rng.normal(means).round(1),
            "n": np.where(
                rng.random(len(at)) < shares, np.nan, rng.choice([0.0, 1.0, 2.5], len(at))
            ),
            "k": rng.choice(["a", "b", "c"], len(at)),
        }
    ).iloc[rng.permutation(len(at))]


LOG = log()
TABLE = pa.Table.from_pandas(LOG, preserve_index=False)
NARROW = TABLE.select(["t", "x", "k"])
PLANTS = {
    "c*1.609": LOG.assign(c=LOG.c * 1.609),
    "drop:k=a": LOG[LOG.k != "a"],
    "null:n=1": LOG.assign(n=np.nan),
    "shift:t=36h": LOG.assign(t=LOG.t + np.timedelta64(36, "h")),
}


# -- by loops --------------------------------------------------------------------------------------

Key = tuple[str, str]
Table = dict[Key, dict[int, float]]
NOW = -1


def days(frame: pd.DataFrame) -> dict[int, pd.DataFrame]:
    found = frame.t.astype("M8[s]").astype("int64") // DAY
    return {int(day): rows for day, rows in frame.groupby(found)}


def measured(before: pd.DataFrame, after: pd.DataFrame) -> dict[Key, tuple[float, Any]]:
    """Effect of every check between two sets of rows, and how to have its p-value."""
    found: dict[Key, tuple[float, Any]] = {}
    for name, kind in KINDS.items():
        lost = [side[name].isna().to_numpy() for side in (before, after)]
        if min(len(before), len(after)) >= 30:
            gap = abs(int(lost[1].sum()) / len(lost[1]) - int(lost[0].sum()) / len(lost[0]))
            found[name, "missing"] = gap, partial(proportions, *lost)
        left, right = (side[name].dropna().to_numpy() for side in (before, after))
        if kind == "time" or min(len(left), len(right)) < 30:
            continue
        cells = counted(name, kind, left, right)
        test = partial(pearson, *(joined(*cells) if kind == "many" else cells))
        found[name, "psi"] = psi(*cells), test
        if kind == "text":
            found[name, "chi2"] = variation(*cells), test
        elif kind == "few":
            found[name, "ks"] = distance(left, right), test
        else:
            found[name, "ks"] = distance(left, right), partial(kolmogorov, left, right)
    return found


def kolmogorov(left: Any, right: Any) -> float:
    return float(stats.ks_2samp(left, right, method="exact").pvalue)


def proportions(before: Any, after: Any) -> float:
    n, m, a, b = len(before), len(after), int(before.sum()), int(after.sum())
    if a + b in (0, n + m):
        return 1.0
    share = (a + b) / (n + m)
    z = (a / n - b / m) / math.sqrt(share * (1 - share) * (1 / n + 1 / m))
    more, rows = (a, n) if z > 0 else (b, m)
    exact = stats.hypergeom.sf(more - 1, n + m, a + b, rows)
    return float(max(2 * stats.norm.sf(abs(z)), exact))


def counted(name: str, kind: str, left: Any, right: Any) -> tuple[Any, Any]:
    if kind == "many":  # deciles of all data, closed on the right
        cuts = np.unique(np.quantile(LOG[name].dropna(), np.arange(1, 10) / 10))
        left, right = (np.searchsorted(cuts, side, side="left") for side in (left, right))
    cells = sorted({*left} | {*right})
    return tuple(np.array([(side == cell).sum() for cell in cells]) for side in (left, right))


def distance(left: Any, right: Any) -> float:
    largest = 0.0
    for value in np.unique(np.concatenate((left, right))):
        for before, after in ((left < value, right < value), (left <= value, right <= value)):
            gap = before.sum() / len(left) - after.sum() / len(right)
            largest = max(largest, abs(gap))
    return largest


def psi(left: Any, right: Any) -> float:
    p, q = np.maximum(left, 0.5) / left.sum(), np.maximum(right, 0.5) / right.sum()
    raw = math.fsum((q - p) * np.log(q / p))
    return max(0.0, raw - (len(left) - 1) * (1 / int(left.sum()) + 1 / int(right.sum())))


def variation(left: Any, right: Any) -> float:
    n, m = float(left.sum()), float(right.sum())
    raw = 0.5 * math.fsum(abs(left / left.sum() - right / right.sum()))
    p = (left + right) / (n + m)
    return max(0.0, raw - math.fsum(np.sqrt(p * (1 - p) * (1 / n + 1 / m) / (2 * math.pi))))


def joined(left: Any, right: Any) -> tuple[Any, Any]:
    """Join neighbours until the reference expects five rows of current in each."""
    groups: list[list[int]] = [[0, 0]]
    enough = 5 * left.sum() / min(left.sum(), right.sum())
    for one, other in zip(left.tolist(), right.tolist(), strict=True):
        if groups[-1][0] >= enough:
            groups.append([0, 0])
        groups[-1][0] += one
        groups[-1][1] += other
    if len(groups) > 1 and groups[-1][0] < enough:
        last = groups.pop()
        groups[-1] = [groups[-1][0] + last[0], groups[-1][1] + last[1]]
    return tuple(np.array(groups).T)


def pearson(left: Any, right: Any) -> float:
    return float(stats.chi2_contingency([left, right], correction=False).pvalue)


def holm(pvalues: Mapping[Any, float]) -> dict[Any, float]:
    found, running = {}, 0.0
    for rank, (key, p) in enumerate(sorted(pvalues.items(), key=lambda item: item[1])):
        running = max(running, min(1.0, p * (len(pvalues) - rank)))
        found[key] = running
    return found


def among(past: Table, now: Mapping[Key, float]) -> dict[Key, float]:
    """Westfall and Young's step-down max-T among what is beyond its threshold, by loops."""
    own, loud = {}, {}
    for key, effect in now.items():
        there = past[key]
        if not there:
            continue
        own[key] = (1 + sum(other >= effect for other in there.values())) / (len(there) + 1)
        every, limit = {**there, NOW: effect}, LIMITS[key[1]]
        loud[key] = {
            number: value if every[number] > limit else -math.inf
            for number, value in loudness(every).items()
        }
    found, largest = {}, 0.0
    for top in sorted({of[NOW] for of in loud.values()} - {-math.inf}, reverse=True):
        left = [key for key, of in loud.items() if of[NOW] <= top]
        windows = {number for key in left for number in past[key]}
        most = [max(loud[k][w] for k in left if w in loud[k]) for w in windows]
        largest = max(largest, (1 + sum(value >= top for value in most)) / (len(most) + 1))
        for key in left:
            if loud[key][NOW] == top:
                found[key] = max(largest, own[key])
    return found


def loudness(effects: Mapping[int, float]) -> dict[int, float]:
    ordered = sorted(effects.values())
    n = len(ordered)
    median = ordered[math.ceil(n / 2) - 1]
    if ordered[math.ceil(0.9 * n) - 1] > median:
        scale = ordered[math.ceil(n * 19 / 20) - 1] - median
    else:
        scale = 10 * float(np.nansum(np.abs(np.array(ordered) - median), axis=0)) / n
    return {number: (effect - median) / (scale or 1.0) for number, effect in effects.items()}


@cache
def usual(past: tuple[int, ...]) -> Table:
    """The effect of every window of these against the others."""
    clean, effects = days(LOG), Table()
    for day in past:
        rest = pd.concat([clean[other] for other in past if other != day])
        for key, (effect, _) in measured(rest, clean[day]).items():
            effects.setdefault(key, {})[day] = effect
    return effects


def replayed(
    planted: pd.DataFrame,
    past: tuple[int, ...],
    tested: Sequence[int],
    like: str | None,
    alpha: float,
) -> dict[str, dict[int, set[Key]]]:
    """What fires in every window tested, by rule."""
    clean, changed, effects = days(LOG), days(planted), usual(past)
    reference = pd.concat([clean[day] for day in past])
    fired: dict[str, dict[int, set[Key]]] = {rule: {} for rule in RULES}
    for day in tested:
        found = measured(reference, changed[day]) if day in changed else {}
        big = {key for key, (effect, _) in found.items() if effect > LIMITS[key[1]]}
        rows = holm({key: test() for key, (_, test) in found.items()})
        alike = [other for other in past if like is None or (other - day) % 7 == 0]
        like_it = {key: {w: e for w, e in of.items() if w in alike} for key, of in effects.items()}
        windows = among(like_it, {key: effect for key, (effect, _) in found.items()})
        fired["threshold"][day] = big
        fired["rows"][day] = {key for key in big if rows[key] < alpha}
        fired["windows"][day] = {key for key in big if windows.get(key, 1.0) < alpha}
    return fired


def told(scenario: Scenario, at: int, split: Split) -> dict[str, dict[int, set[Key]]]:
    fired = scenario.fired[at]
    assert all(flags.shape == (len(split.tested), len(fired.keys)) for flags in
               fired.by_rule.values())  # fmt: skip
    return {
        rule: {
            day: set(itertools.compress(fired.keys, row))
            for day, row in zip(split.tested, flags, strict=True)
        }
        for rule, flags in fired.by_rule.items()
    }


@pytest.mark.parametrize(
    ("draws", "like", "alpha", "plants"),
    [
        (0, None, 0.05, [*PLANTS]),
        (2, None, 0.05, ["c*1.609"]),
        (0, "weekday", 0.3, ["drop:k=a"]),
    ],
)
def test_rates_are_those_of_loops_over_the_windows(
    draws: int, like: Any, alpha: float, plants: list[str]
) -> None:
    config = replace(BY_DAY, time=Time(column="t", like=like), decision=DecisionPolicy(alpha=alpha))
    found = backtest(TABLE, config, draws=draws, plants=plants)
    assert [scenario.plant for scenario in found.scenarios] == ["", *plants]
    outline = outline_of(found)
    checks: dict[tuple[str, str, str], list[bool]] = {}
    for scenario, frame in zip(
        found.scenarios, [LOG, *map(PLANTS.__getitem__, plants)], strict=True
    ):
        loudest: dict[str, list[bool]] = {rule: [] for rule in RULES}
        for at, split in enumerate(found.splits):
            expected = replayed(frame, split.past, split.tested, like, alpha)
            assert told(scenario, at, split) == expected, (scenario.plant, at)
            for rule, day in itertools.product(RULES, split.tested):
                loudest[rule].append(bool(expected[rule][day]))
                for key in found.whole if scenario.plant == "" else ():
                    checks.setdefault((rule, *key), []).append(key in expected[rule][day])
        shares = {rule: sum(flags) / len(flags) for rule, flags in loudest.items()}
        names = {plant["plant"]: plant["found"] for plant in outline["plants"]}
        assert names.get(scenario.plant, outline["any"]) == shares
    for check in outline["checks"]:
        for rule, share in check["fired"].items():
            flags = checks[rule, check["column"], check["method"]]
            assert share == sum(flags) / len(flags)
    # the loops are no proof of anything where nothing ever fires
    assert outline["any"]["threshold"] > outline["any"]["rows"] > 0
    assert max(plant["found"]["windows"] for plant in outline["plants"]) > 0


def test_every_window_is_measured_against_all_others() -> None:
    found = backtest(TABLE, BY_DAY)
    assert found.windows == tuple(days(LOG))
    expected = usual(found.windows)
    assert {key: effects for key, effects in found.whole.items() if effects} == expected
    assert FIRST + THIN not in found.whole["x", "ks"]
    for check in outline_of(found)["checks"]:
        effects = sorted(expected[check["column"], check["method"]].values())
        assert check["largest_effect"] == effects[-1]
        assert check["median_effect"] == (effects[21] if len(effects) % 2 else
                                          (effects[21] + effects[22]) / 2)  # fmt: skip


# -- splits ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("share", "size"), [(0.5, 22), (0.6, 26), (0.97, 43)])
def test_the_earlier_windows_are_the_reference(share: float, size: int) -> None:
    found = backtest(NARROW, BY_DAY, share=share)
    every = tuple(range(FIRST, FIRST + WINDOWS))
    assert found.splits == (Split(every[:size], every[size:]),)
    outline = outline_of(found)
    assert (outline["n_windows"], outline["n_reference"], outline["n_tested"]) == (
        44, size, 44 - size,
    )  # fmt: skip
    assert (outline["first"], outline["last"]) == ("2026-01-05", "2026-02-17")


def test_random_splits_are_whole_and_differ() -> None:
    splits = backtest(NARROW, BY_DAY, draws=6).splits
    every = list(range(FIRST, FIRST + WINDOWS))
    assert len({split.past for split in splits}) == 6
    for split in splits:
        assert len(split.past) == 22
        assert sorted(split.past + split.tested) == every
        assert [*split.past] == sorted(split.past)
        assert [*split.tested] == sorted(split.tested)
    # each window is the reference now and then
    assert {number for split in splits for number in split.past} == set(every)


def same(found: Backtest) -> Any:
    return {**outline_of(found), "timestamp": "", "source": ""}


def test_a_replay_is_the_same_in_any_threads_and_order() -> None:
    first = same(backtest(NARROW, BY_DAY, draws=2, plants=["x*2"]))
    for jobs in (1, 3):
        config = replace(BY_DAY, resources=Resources(jobs=jobs))
        assert same(backtest(NARROW, config, draws=2, plants=["x*2"])) == first
    ordered = pa.Table.from_pandas(LOG[["t", "x", "k"]].sort_values("t"), preserve_index=False)
    assert same(backtest(ordered, BY_DAY, draws=2, plants=["x*2"])) == first


def test_more_draws_begin_with_the_same() -> None:
    three, five = (backtest(NARROW, BY_DAY, draws=draws).splits for draws in (3, 5))
    assert five[:3] == three


@pytest.mark.parametrize(
    ("windows", "share", "alpha", "enough"),
    [
        (40, 0.5, 0.05, True),
        (39, 0.49, 0.05, False),
        (44, 0.4, 0.05, False),
        (44, 0.99, 0.05, False),  # none is left to test
        (40, 0.5, 0.01, False),
        (12, 0.5, 0.2, True),
    ],
)
def test_too_few_windows_are_refused(
    windows: int, share: float, alpha: float, enough: bool
) -> None:
    config = replace(BY_DAY, decision=DecisionPolicy(alpha=alpha))
    table = pa.Table.from_pandas(log(1, windows)[["t", "x"]], preserve_index=False)
    if enough:
        assert len(backtest(table, config, share=share).windows) == windows
        return
    with pytest.raises(DriftcliError, match=f"{windows} windows, of which") as caught:
        backtest(table, config, share=share)
    assert "\n" not in str(caught.value)


# -- how late --------------------------------------------------------------------------------------


def by_hand(clean: str, planted: str, keys: int = 1) -> dict[str, Any]:
    """The outline of a replay whose rules all fire where there is a 1."""
    windows = tuple(range(len(clean.split()[0]) + 2))
    splits = tuple(Split(windows[:2], windows[2:]) for _ in clean.split())

    def scenario(name: str, text: str) -> Scenario:
        fired = []
        for flags in text.split():
            table = np.zeros((len(flags), keys), np.bool_)
            table[:, -1] = [flag == "1" for flag in flags]
            names = tuple((f"c{at}", "ks") for at in range(keys))
            fired.append(Fired(names, dict.fromkeys(RULES, table)))
        return Scenario(name, tuple(fired))

    names = [(f"c{at}", "ks") for at in range(keys)]
    by = Windowing(Clock(WindowSpec.parse("1d")), "t")
    return outline_of(
        Backtest(
            "log",
            by,
            windows,
            splits,
            (scenario("", clean), scenario("c*2", planted)),
            dict.fromkeys(names, 0.1),
            {name: {0: 0.25, 1: 0.75} for name in names},
        )
    )


@pytest.mark.parametrize(
    ("flags", "share", "late"),
    [
        ("111111", 1.0, (0, 0, 0, 6)),
        ("000000", 0.0, (None, None, 6, 6)),
        ("000001", 1 / 6, (2.5, 5, 0, 6)),  # 5 4 3 2 1 0
        ("100000", 1 / 6, (0, 0, 5, 6)),
        ("010010", 2 / 6, (1, 2, 1, 6)),  # 1 0 2 1 0, never
        ("010 100", 2 / 6, (0, 1, 3, 6)),  # 1 0 never; 0 never never
    ],
)
def test_delays_by_hand(flags: str, share: float, late: tuple[Any, ...]) -> None:
    outline = by_hand(flags.replace("1", "0"), flags)
    assert outline["any"] == dict.fromkeys(RULES, 0.0)
    (plant,) = outline["plants"]
    told = {"median": late[0], "most": late[1], "never": late[2], "of": late[3]}
    loudest = {"column": "c0", "method": "ks", "share": share} if share else None
    assert plant == {
        "plant": "c*2",
        "found": dict.fromkeys(RULES, share),
        "by": dict.fromkeys(RULES, loudest),
        "late": dict.fromkeys(RULES, told),
    }


def test_the_check_that_finds_most_is_named() -> None:
    (plant,) = by_hand("0000", "0110", keys=3)["plants"]
    assert plant["by"]["windows"] == {"column": "c2", "method": "ks", "share": 0.5}


def test_a_change_that_shows_on_some_days_is_found_on_these() -> None:
    """Half of all rows are marked; on some days those are the smaller half of c."""
    found_on, quiet = {25, 31, 32}, log(2, mood=0.0)
    at = quiet.t.astype("int64") // DAY - FIRST
    rng = np.random.default_rng(3)
    random = rng.random(len(quiet)) < 0.5
    marked = np.where(at.isin(found_on), quiet.c < 0, random)
    table = pa.Table.from_pandas(
        quiet[["t", "c"]].assign(g=np.where(marked, "lo", "hi")), preserve_index=False
    )
    strict = {"ks": 0.3, "psi": 0.9}
    config = replace(BY_DAY, columns=Columns(exclude=("g",)), thresholds=strict)
    # the day with 20 rows has fewer than 30 and is not evaluated; the others keep about 30
    config = replace(config, decision=DecisionPolicy(min_rows=15))
    outline = outline_of(backtest(table, config, plants=["drop:g=lo"]))
    assert outline["any"]["windows"] == outline["any"]["rows"] == 0.0
    (plant,) = outline["plants"]
    assert plant["found"] == dict.fromkeys(RULES, 3 / 22)
    # of 22 to 43: 3 2 1 0, 5 4 3 2 1 0, 0, and eleven after which there is none
    late = {"median": 2.0, "most": 5, "never": 11, "of": 22}
    assert plant["late"] == dict.fromkeys(RULES, late)
    assert plant["by"]["windows"] == {"column": "c", "method": "ks", "share": 3 / 22}


def test_a_change_below_all_thresholds_is_never_found() -> None:
    config = replace(BY_DAY, thresholds=dict.fromkeys(LIMITS, 0.99) | {"psi": 9.0})
    (plant,) = outline_of(backtest(TABLE, config, plants=["c+0.2"]))["plants"]
    nothing = {"median": None, "most": None, "never": 22, "of": 22}
    assert plant["late"] == dict.fromkeys(RULES, nothing)
    assert plant["by"] == dict.fromkeys(RULES, None)
    assert plant["found"] == dict.fromkeys(RULES, 0.0)


def test_plants_are_each_a_replay_of_their_own() -> None:
    both = outline_of(backtest(NARROW, BY_DAY, plants=["x+9", "x*3"]))["plants"]
    alone = [outline_of(backtest(NARROW, BY_DAY, plants=[plant]))["plants"] for plant in
             ("x+9", "x*3")]  # fmt: skip
    assert both == [*alone[0], *alone[1]]


@pytest.mark.parametrize("plant", ["null:t=1", "set:t=1500-01-01"])
def test_a_plant_that_leaves_no_time_is_refused(plant: str) -> None:
    with pytest.raises(DriftcliError, match="no row has a time any more") as caught:
        backtest(NARROW, BY_DAY, plants=[plant])
    assert str(caught.value).isprintable()
    assert plant in str(caught.value)


# -- what is proposed ------------------------------------------------------------------------------


def alarming(found: Backtest, limits: Mapping[Key, float]) -> list[int]:
    return [
        number
        for number in found.windows
        if any(effects.get(number, 0.0) > limits[key] for key, effects in found.whole.items())
    ]


@pytest.mark.parametrize(
    ("rate", "allowed"),
    [
        ("0 per year", 0),
        ("1 per month", 1),  # 44 / 30
        ("1 per 10 windows", 4),
        ("2 per week", 12),
        ("1 per 2 windows", 22),
        ("1 per day", 44),
        ("1 per hour", 44),
    ],
)
def test_what_is_proposed_keeps_its_promise(rate: str, allowed: int) -> None:
    found = backtest(TABLE, BY_DAY)
    limits = thresholds(found, parse_rate(rate))
    assert len(alarming(found, {**found.thresholds, **limits})) <= allowed
    for key, limit in limits.items():
        assert limit > found.thresholds[key]
        assert limit == float(f"{limit:.3g}")
    if allowed == WINDOWS:
        assert limits == {}
    elif not allowed:
        above = {k for k, of in found.whole.items() if max(of.values()) > found.thresholds[k]}
        assert set(limits) == above
        for key in above:  # no higher than it takes
            assert limits[key] - max(found.whole[key].values()) < 0.01


def test_more_alarms_never_raise_a_threshold() -> None:
    found = backtest(TABLE, BY_DAY)
    before: dict[Key, float] = {}
    for alarms in (44, 30, 20, 10, 5, 2, 1, 0):
        limits = thresholds(found, parse_rate(f"{alarms} per 44 windows"))
        assert all(limits[key] >= limit for key, limit in before.items())
        before = limits
    assert before


def test_the_last_digit_is_rounded_up() -> None:
    """The window that a threshold is taken from must not meet it."""
    found = by_effects({0: 0.1 + 0.2, 1: 0.5750000000000001, 2: 0.05})
    ((_, limit),) = thresholds(found, parse_rate("0 per week")).items()
    assert limit >= 0.5750000000000001


def by_effects(effects: Mapping[int, float]) -> Backtest:
    by = Windowing(Clock(WindowSpec.parse("1d")), "t")
    key = ("c", "ks")
    return Backtest("log", by, tuple(effects), (), (), {key: 0.1}, {key: effects})


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1 per month", 30 * DAY),
        (" 1 PER Month ", 30 * DAY),
        ("1per3days", 3 * DAY),
        ("1 per 2 weeks", 14 * DAY),
        ("1 per year", 365 * DAY),
        ("1 per 12 hours", DAY / 2),
    ],
)
def test_rates_of_time(text: str, seconds: float) -> None:
    rate = parse_rate(text)
    found = by_effects(dict.fromkeys(range(90), 0.2))
    assert rate.of(found) == 90 * DAY / seconds
    six = Windowing(Clock(WindowSpec.parse("6h")), "t")
    assert rate.of(replace(found, by=six)) == 90 * DAY / 4 / seconds


@pytest.mark.parametrize("text", ["1 per 100 windows", "1 per 100 window", "1per100windows"])
def test_rates_of_windows(text: str) -> None:
    found = by_effects(dict.fromkeys(range(90), 0.2))
    rows = Windowing(Clock(WindowSpec.parse("50rows")), None)
    assert parse_rate(text).of(found) == parse_rate(text).of(replace(found, by=rows)) == 0.9


@pytest.mark.parametrize(
    "text",
    [
        "", "often", "1", "per month", "one per month", "1.5 per month", "-1 per month",
        "1 per 0 days", "1 per fortnight", "1 per month or so", "1 / month", "١ per month",
        "1234567 per day", "\x1b[31m",
    ],
)  # fmt: skip
def test_what_is_no_rate_is_refused(text: str) -> None:
    with pytest.raises(DriftcliError, match=r"--at-most .*no rate") as caught:
        parse_rate(text)
    assert str(caught.value).isprintable()


def test_a_proposal_is_a_configuration() -> None:
    import yaml

    config = Config(
        time=Time(column="t", like="weekday"),
        columns=Columns(exclude=("g",)),
        thresholds={"psi": 0.4},
        overrides={"é": {"importance": 2.0, "ks": 0.2}},
    )
    found = by_effects({FIRST: 0.3014, FIRST + 1: 0.05})
    found = replace(found, by=replace(found.by, like="weekday"), config=config)
    limits = {("on: yes", "ks"): 0.302, ("é", "ks"): 0.5}
    text = as_yaml(found, limits, "1\nper  month")
    comment = [line for line in text.splitlines() if line.startswith("#")]
    assert " 1 per month " in comment[0]
    assert " 2 days, 2026-01-05 to 2026-01-06 " in comment[0]
    assert yaml.safe_load(text) == {
        "version": 1,
        "columns": {"exclude": ["g"]},
        "thresholds": {"psi": 0.4},
        "time": {"column": "t", "window": "1d", "like": "weekday"},
        "overrides": {"é": {"importance": 2.0, "ks": 0.5}, "on: yes": {"ks": 0.302}},
    }
