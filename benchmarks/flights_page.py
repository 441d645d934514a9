"""The page ``docs/flights.md``, made of what was measured and of nothing else."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from io import StringIO

from flights_figures import (
    ALPHA,
    CONFIDENCE,
    PROMISED,
    UNCHANGED,
    Figures,
    added,
    checks_of,
    found,
    level,
    limits,
    outstanding,
    rules_of,
    share_of,
)
from page import table
from rich.console import Console

from driftcli.renderers.backtest import render as drawn
from driftcli.text import show_short

PLAIN = ("#", "|", "```")  # how what is no paragraph begins
# which of the backtest's rules, in words
RULES = {
    "windows": "p of windows",
    "rows": "p of rows",
    "threshold": "effect alone",
}

HEAD = """\
# Flights: do usual days alarm?

Days differ, and a check that alarms on usual ones is soon switched off. This page counts how often
that happens on real data: the {rows:,} flights that left New York in 2013, with the weather and the
score of a model that says which arrive late ({columns} columns: {names}). The {days} days are split
at random, {past} for the reference and {tested} that are tested one by one, {draws} times over. As
chance alone says which day stands where, none of the days tested is a change, and every alarm is a
false one. Every figure on this page was measured and written by `benchmarks/flights_days.py`; none
is typed by hand.

## Days on which nothing changed

```sh
{command}
```
"""

LEVEL = """\
**What may be expected.** With {past} days of reference a p-value is a multiple of 1/{ranks}, and
p < {alpha:g} are the {rank} smallest: a day drawn at random alarms with probability {rank}/{ranks},
which is {level}. The days of one draw share their reference, and their alarms come together;
{draws} splits of the same days come to between {low} and {high} in {of_100} of 100 cases (sums of
negative hypergeometric counts, exact). {measured}

**What alarms.** By p of windows these checks do most often: {loudest}. A rule at alpha {alpha:g}
spends its one day in {one_in} on the least usual ones. By p of rows {rows} of the days alarm and by
effect alone {effect}: rows of a day are no independent sample, so nearly every p-value is small,
and what is left is a fixed threshold, which days exceed as they are.
"""

OTHERS = """\
**The others.** The tutorial rule and Evidently compare a day with all rows of the reference by
limits that know nothing of days. NannyML takes its limits from the reference's own days, as
driftcli does, and so comes far closer. But it asks of each column by itself whether it is more than
three standard deviations above its mean: what rate that gives depends on how effects are
distributed, and grows with the number of columns.
"""

FAULTS = """\
## Planted faults

Each fault is made to the rows of the days tested, those of the table above, as `--plant` makes it.
The share of the days on which anything alarms:
"""

FAULTS_READ = """\
Who alarms on every day as it is finds every fault, and tells nothing: read each line against its
first figure. *Alone* is a replay with `--columns` and the one column in which the fault can be
seen, so its first figure is a range over these columns.
"""

SPREAD = """\
## How large a fault is beside days

The effect of each fault on its column, all rows of the year with it against all without it
(`driftcli features`), and the effects of the unchanged days, each against all others:
"""

JOINTLY = """\
With many columns watched together a fault must be louder than the loudest check of any column on
all but one day in {one_in} of the reference: that is what keeps the alarms of all columns together
at the level above. Here some columns (weather that is missing for a day) are very loud on a few
days. What matters most is better watched in a run of its own, as `driftcli predictions` does with
the score.
"""

REPEAT = """\
## To repeat it

In an environment with `driftcli[examples]` and, for the libraries, with the package index at hand:

```sh
python benchmarks/flights_days.py            # everything, then this page
python benchmarks/flights_days.py --render   # the page, from benchmarks/flights_days.json
```
"""


def percent(share: float, digits: int = 1) -> str:
    """Return a share in per cent, but 0 and 100 only where they are exact.

    Parameters
    ----------
    share : float
    digits : int
    """
    if share in (0.0, 1.0):
        return f"{100 * share:.0f} %"
    least = 10.0**-digits
    return f"{min(max(100 * share, least), 100 - least):.{digits}f} %"


def wrapped(text: str) -> str:
    """Return paragraphs wrapped, what is no prose as it is.

    Parameters
    ----------
    text : str
    """
    parts = text.rstrip().split("\n\n")
    return "\n\n".join(part if part.startswith(PLAIN) else filled(part) for part in parts) + "\n"


def filled(paragraph: str) -> str:
    """Return a paragraph in lines, none of which begins with a per cent sign."""
    kept = paragraph.replace(" %", "\N{NO-BREAK SPACE}%")
    lines = textwrap.fill(kept, 100, break_long_words=False, break_on_hyphens=False)
    return lines.replace("\N{NO-BREAK SPACE}", " ")


def title(rule: str, replay: Figures, figures: Figures) -> str:
    """Return the name of a rule of driftcli in a replay."""
    more = added(replay, figures)
    return f"driftcli, {RULES[rule]}{f', with {more}' if more else ''}"


def shown(figures: Figures) -> Iterator[tuple[Figures, str]]:
    """Yield what the tables show of driftcli: all rules, then its own with other thresholds."""
    first, *others = figures["replays"]
    yield from ((replay, "windows") for replay in (first, *others))
    yield from ((first, rule) for rule in RULES if rule != "windows")


def command(replay: Figures) -> str:
    """Return a replay as it is called."""
    words = [f"--draws {replay['backtest']['splits']}"]
    words += [f"--threshold {text}" for text in replay["thresholds"]]
    return f"driftcli backtest flights.parquet --time time {' '.join(words)}"


def unchanged(figures: Figures) -> str:
    """Return the table of alarms on unchanged days."""
    lines = []
    for replay, rule in shown(figures):
        outline = replay["backtest"]
        share = percent(outline["any"][rule], 2 if rule == "windows" else 1)
        size = [f"{outline['n_tested']:,}", f"{outline['splits']}", ""]
        lines.append([title(rule, replay, figures), share, *size])
    for peer in figures["peers"]:
        clean = [one for one in peer["found"] if one["plant"] == UNCHANGED]
        days = sum(one["days"] for one in clean)
        for rule in rules_of(peer):
            each = [one["flagged"][rule] / one["days"] for one in clean]
            reach = f"{percent(min(each))} – {percent(max(each))}"
            share = percent(share_of(peer, rule, UNCHANGED))
            size = [f"{days:,}", f"{peer['draws']}", reach]
            lines.append([f"{peer['title']}, {rule}", share, *size])
    return table(["", "any alarm", "days judged", "draws", "by draw"], lines)


def verdict(replay: Figures, figures: Figures) -> str:
    """Say how a replay's alarms stand against the limits."""
    outline = replay["backtest"]
    share, (low, high) = outline["any"]["windows"], limits(outline)
    where = "within" if low <= share <= high else "above" if share > high else "below"
    more = added(replay, figures)
    told = f"With {more}" if more else "Measured"
    return f"{told}: {percent(share, 2)}, {where} these limits."


def expected(figures: Figures) -> str:
    """Return what alarms on unchanged days."""
    outline = figures["replays"][0]["backtest"]
    checks = sorted(outline["checks"], key=lambda check: -check["fired"]["windows"])[:4]
    rank, share = level(outline)
    low, high = limits(outline)
    return LEVEL.format(
        past=outline["n_reference"],
        ranks=outline["n_reference"] + 1,
        alpha=ALPHA,
        one_in=f"{1 / ALPHA:g}",
        rank=rank,
        level=percent(share, 2),
        draws=outline["splits"],
        of_100=f"{100 * CONFIDENCE:g}",
        low=percent(low, 2),
        high=percent(high, 2),
        measured=" ".join(verdict(replay, figures) for replay in figures["replays"]),
        loudest=", ".join(
            f"`{check['column']}` {check['method']} ({percent(check['fired']['windows'])})"
            for check in checks
        ),
        rows=percent(outline["any"]["rows"]),
        effect=percent(outline["any"]["threshold"]),
    )


def by_fault(figures: Figures) -> str:
    """Return the table of faults found."""
    faults, lines = list(figures["faults"]), []
    for replay, rule in shown(figures):
        shares = [replay["backtest"]["any"][rule], *(found(replay, f, rule) for f in faults)]
        lines.append([title(rule, replay, figures), *map(percent, shares)])
    for replay in figures["replays"]:
        apart = [replay["alone"][fault] for fault in faults]
        clean = [one["any"]["windows"] for one in apart]
        reach = f"{percent(min(clean))} – {percent(max(clean))}"
        shares = [percent(one["found"]["windows"]) for one in apart]
        lines.append([f"{title('windows', replay, figures)}, alone", reach, *shares])
    for peer in figures["peers"]:
        for rule in rules_of(peer):
            shares = [share_of(peer, rule, plant) for plant in (UNCHANGED, *faults)]
            lines.append([f"{peer['title']}, {rule}", *map(percent, shares)])
    return table(["", "nothing", *(f"`{fault}`" for fault in faults)], lines)


def spread(figures: Figures) -> str:
    """Return the table of the faults' sizes."""
    lines = []
    for fault in figures["faults"]:
        for check in checks_of(figures, fault):
            keys = ("effect", "threshold", "median_effect", "largest_effect")
            name = f"`{check['column']}` {check['method']}"
            lines.append([f"`{fault}`", name, *(show_short(check[key]) for key in keys)])
    head = ["", "check", "the fault", "threshold", "a day, median", "a day, largest"]
    return table(head, lines, left=2)


def told(figures: Figures) -> Iterator[str]:
    """Yield which faults are found, and of each other in words why not."""
    first = figures["replays"][0]
    larger = [fault for fault in figures["faults"] if outstanding(figures, fault)]
    least = min((found(first, fault) for fault in larger), default=0.0)
    yield (
        f"Larger than the threshold and than any unchanged day: {names(larger)}. With all columns "
        f"watched the one that is found least is found on {percent(least)} of the days."
    )
    for fault in figures["faults"]:
        if found(first, fault) < PROMISED:
            yield f"**`{fault}`** {reason(figures, fault)} {watched(figures, fault)}"


def elsewhere(figures: Figures) -> Iterator[str]:
    """Yield which others find a fault that driftcli does not, and do not alarm on most days."""
    first = figures["replays"][0]
    for peer in figures["peers"]:
        for rule in rules_of(peer):
            clean = share_of(peer, rule, UNCHANGED)
            more = [
                f"`{fault}` on {percent(share)}"
                for fault in figures["faults"]
                if found(first, fault) < PROMISED <= (share := share_of(peer, rule, fault))
            ]
            if more and clean < 0.5:
                yield (
                    f"**{peer['title']}** finds {' and '.join(more)} of the days with all columns "
                    f"watched, where driftcli does not; it alarms on {percent(clean)} of those "
                    "on which nothing changed."
                )


def watched(figures: Figures, fault: str) -> str:
    """Say on how many days a fault is found with all columns watched, and with its own alone."""
    said = []
    for replay in figures["replays"]:
        more, apart = added(replay, figures), replay["alone"][fault]
        said.append(
            f"{f'With {more} it' if more else 'It'} is found on {percent(found(replay, fault))} of "
            f"the days where all columns are watched, alone on "
            f"{percent(apart['found']['windows'])} (and {percent(apart['any']['windows'])} alarm "
            "without it)."
        )
    return " ".join(said)


def reason(figures: Figures, fault: str) -> str:
    """Say by its effect why a fault is not found every day."""
    checks = checks_of(figures, fault)
    if all(check["effect"] <= check["threshold"] for check in checks):
        sizes = " and ".join(
            f"{show_short(check['effect'])} by {check['method']} "
            f"(threshold {show_short(check['threshold'])})"
            for check in checks
        )
        return f"is below the thresholds, {sizes}: what is looked for is more than that."
    loudest = checks[0]
    return (
        f"moves {loudest['method']} by {show_short(loudest['effect'])}, which is above the "
        f"threshold. But unchanged days have {show_short(loudest['median_effect'])} in the median "
        f"and up to {show_short(loudest['largest_effect'])}: days differ by as much."
    )


def names(faults: Sequence[str]) -> str:
    """Return faults in a sentence."""
    return ", ".join(f"`{fault}`" for fault in faults) or "none"


def screen(outline: Figures) -> str:
    """Return a replay as the tool prints it."""
    text = StringIO()
    drawn(outline, Console(file=text, width=100, color_system=None))
    return "\n".join(line.rstrip() for line in text.getvalue().splitlines())


def contestants(figures: Figures) -> Iterator[str]:
    """Yield what each computes, with versions."""
    yield "## What each computes\n"
    own = ", ".join(f"{package} {v}" for package, v in figures["driftcli"].items())
    yield f"- **driftcli** ({own}): see [Time](time.md)."
    for peer in figures["peers"]:
        packages = ", ".join(f"{package} {v}" for package, v in peer["versions"].items())
        days = "all days" if peer["all_days"] else "some days drawn at random, for it is slow,"
        said = f"Saw {days} of the first {peer['draws']} draws, with their whole reference."
        yield f"- **{peer['title']}** ({packages}). {peer['computes']} {said}"
    machine = ", ".join(f"{what} {value}" for what, value in figures["machine"].items())
    yield f"\nMachine: {machine}. Measured {figures['measured']}.\n"


def render(figures: Figures) -> str:
    """Return the page.

    Parameters
    ----------
    figures : mapping
        As ``flights_days.py`` keeps them.
    """
    first = figures["replays"][0]
    outline = first["backtest"]
    head = HEAD.format(
        rows=figures["rows"],
        columns=len(figures["columns"]),
        names=", ".join(figures["columns"]),
        days=outline["n_windows"],
        past=outline["n_reference"],
        tested=outline["n_tested"] // outline["splits"],
        draws=outline["splits"],
        command=command(first),
    )
    return "\n".join([
        wrapped(head), unchanged(figures), "", wrapped(expected(figures)), wrapped(OTHERS),
        wrapped(FAULTS), by_fault(figures), "", wrapped(FAULTS_READ),
        wrapped(SPREAD), spread(figures), "",
        *map(wrapped, (*told(figures), *elsewhere(figures))),
        wrapped(JOINTLY.format(one_in=f"{1 / ALPHA:g}")),
        "## The replay, as the tool prints it\n", "```text", screen(outline), "```", "",
        *contestants(figures), REPEAT.rstrip(), "",
    ])  # fmt: skip
