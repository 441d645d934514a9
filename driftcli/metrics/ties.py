"""What a group's ranking is worth, where equal scores stand in every order alike.

All values are expectations over the orders of tied rows, in closed form (McSherry & Najork 2008,
doi:10.1007/978-3-540-78646-7_38), so they do not depend on the order in which rows were read.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from driftcli.summaries.scored import RankingSummary
from driftcli.summaries.scored.cells import Bools, Floats, Ints


@dataclass(frozen=True, slots=True, eq=False)
class Ranked:
    """A ranking summary, laid out for sums over groups and over blocks of tied rows.

    Parameters
    ----------
    summary : RankingSummary
        With at least one row.
    starts : ndarray of int64, shape (groups,)
        First row of each group.
    position : ndarray of int64, shape (rows,)
        Rank within the group, from 1.
    blocks : ndarray of int64, shape (blocks,)
        First row of each run of equal scores within a group.
    block : ndarray of int64, shape (rows,)
        The row's block.
    """

    summary: RankingSummary
    starts: Ints
    position: Ints
    blocks: Ints
    block: Ints

    @classmethod
    def of(cls, summary: RankingSummary) -> Ranked:
        """Lay out a summary."""
        new_group = np.ones(summary.rows, dtype=np.bool_)
        new_group[1:] = summary.group[1:] != summary.group[:-1]
        new_block = new_group.copy()
        new_block[1:] |= summary.score[1:] != summary.score[:-1]
        starts = np.flatnonzero(new_group)
        position = np.arange(summary.rows) - starts[summary.group] + 1
        return cls(summary, starts, position, np.flatnonzero(new_block), np.cumsum(new_block) - 1)

    @property
    def relevant(self) -> Bools:
        """Whether a row is relevant, shape (rows,)."""
        result: Bools = self.summary.relevance > 0.0
        return result

    def relevant_per_group(self) -> Ints:
        """Count relevant rows, shape (groups,)."""
        counts: Ints = np.add.reduceat(self.relevant.astype(np.int64), self.starts)
        return counts

    def block_sizes(self) -> Ints:
        """Count rows a block, shape (blocks,)."""
        return np.diff(np.append(self.blocks, self.summary.rows))


def ndcg(ranked: Ranked, k: int) -> Floats:
    """Return NDCG@k a group with linear gains, 0 for groups without a relevant row.

    Parameters
    ----------
    ranked : Ranked
    k : int

    Returns
    -------
    ndarray of float64, shape (groups,)
        Equal to ``sklearn.metrics.ndcg_score(k=k)``, ties included.
    """
    gains, starts = ranked.summary.relevance, ranked.starts
    discount = np.where(ranked.position <= k, 1.0 / np.log2(ranked.position + 1.0), 0.0)
    shared = np.add.reduceat(gains, ranked.blocks) / ranked.block_sizes()
    reached = np.add.reduceat(shared[ranked.block] * discount, starts)
    best = gains[np.lexsort((-gains, ranked.summary.group))]
    ideal = np.add.reduceat(best * discount, starts)
    return np.divide(reached, ideal, out=np.zeros_like(reached), where=ideal > 0.0)


def average_precision(ranked: Ranked, k: int) -> Floats:
    """Return AP@k a group, 0 for groups without a relevant row.

    The sum of the precisions at the relevant rows among the first k, over min(relevant, k).

    Returns
    -------
    ndarray of float64, shape (groups,)
    """
    relevant, sizes = ranked.relevant.astype(np.int64), ranked.block_sizes()
    hits = np.add.reduceat(relevant, ranked.blocks)
    before_all = np.cumsum(hits) - hits
    group_of_block = ranked.summary.group[ranked.blocks]
    first_blocks = ranked.block[ranked.starts]
    before = before_all - before_all[first_blocks][group_of_block]
    offset = np.arange(ranked.summary.rows) - ranked.blocks[ranked.block]
    # of the rows above it in its block, so many are relevant if it is
    others = np.maximum(hits - 1, 0) / np.maximum(sizes - 1, 1)
    above = before[ranked.block] + offset * others[ranked.block] + 1.0
    chance = (hits / sizes)[ranked.block]
    gain = np.where(ranked.position <= k, chance * above / ranked.position, 0.0)
    most = np.maximum(np.minimum(ranked.relevant_per_group(), k), 1)
    result: Floats = np.add.reduceat(gain, ranked.starts) / most
    return result


def first_relevant(ranked: Ranked, k: int) -> tuple[Floats, Floats]:
    """Return where the first relevant row stands.

    Returns
    -------
    reciprocal : ndarray of float64, shape (groups,)
        Expected 1/rank, 0 where it stands below k or there is none.
    hit : ndarray of float64, shape (groups,)
        Probability that it stands among the first k.
    """
    sizes = ranked.block_sizes()
    hits = np.add.reduceat(ranked.relevant.astype(np.int64), ranked.blocks)
    with_hit = np.flatnonzero(hits)
    group, first = np.unique(ranked.summary.group[ranked.blocks[with_hit]], return_index=True)
    blocks = with_hit[first]
    size, wanted, rank = sizes[blocks], hits[blocks], ranked.position[ranked.blocks[blocks]]
    reciprocal, hit = np.zeros(len(ranked.starts)), np.zeros(len(ranked.starts))
    none_yet = np.ones(len(blocks))
    # a step is one place further down in each first block with a relevant row
    while len(group):
        now = none_yet * wanted / size
        within = rank <= k
        reciprocal[group] += np.where(within, now / rank, 0.0)
        hit[group] += np.where(within, now, 0.0)
        none_yet, size, rank = none_yet - now, size - 1, rank + 1
        go_on = (size >= wanted) & (rank <= k)
        group, none_yet, size = group[go_on], none_yet[go_on], size[go_on]
        wanted, rank = wanted[go_on], rank[go_on]
    return reciprocal, np.minimum(hit, 1.0)
