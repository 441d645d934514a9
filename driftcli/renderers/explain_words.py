"""What checks, metrics and verdicts mean, for those who meet them for the first time."""

from __future__ import annotations

from driftcli.model import DecisionPolicy, Status

METHODS = {
    "ks": "The largest gap between the two sides, over all values, in the share of rows at or "
    "below a value: 0 where both sides are alike, 1 where they do not overlap.",
    "psi": "How far rows have moved between the reference's bins or categories. Customary: below "
    "0.1 little, above 0.2 much.",
    "chi2": "The share of rows that would have to change their category to make both sides alike, "
    "beyond what chance moves.",
    "missing": "How much the share of rows without a value has changed.",
    "prediction_mean": "How far the mean prediction has moved.",
    "prediction_std": "How much the spread of the predictions has changed.",
    "schema": "Whether the column is there and of the same kind on both sides.",
}
METRICS = {
    "accuracy": "The share of decisions that were right.",
    "auc": "How often a positive row has a higher score than a negative one: 1 always, 0.5 as if "
    "guessed.",
    "auc_ovr": "How often a row of a class has a higher score for it than a row of another class: "
    "1 always, 0.5 as if guessed; the mean over the classes.",
    "average_precision": "How few false alarms there are among the highest scores, over all "
    "cutoffs: 1 at best, the share of positives as if guessed.",
    "bias": "How far predictions lie above the truth on average (below it, where negative), in the "
    "label's unit.",
    "brier": "The mean squared distance of the predicted probability from what came: 0 at best.",
    "calibration": "Positives that the scores promise for each that came: 1 at best, 1.2 promises "
    "20 % too many.",
    "ctr": "The share of rows with a positive label.",
    "f1": "Precision and recall in one number, their harmonic mean: 1 at best.",
    "hit_rate": "The share of lists with a relevant row near the top.",
    "log_loss": "How surprising the labels are under the predicted probabilities: 0 at best; a "
    "confident mistake costs most.",
    "macro_f1": "F1 as the mean over the classes, each class alike: 1 at best.",
    "mae": "How far predictions are from the truth on average, in the label's unit.",
    "map": "How near to the top of their lists the relevant rows stand: 1 at best.",
    "mape": "How far predictions are from the truth on average, as a share of it.",
    "mrr": "How near to the top of its list the first relevant row stands: 1 at best.",
    "ndcg": "How well the lists are ordered, with most weight on their top: 1 at best.",
    "precision": "Of the rows that were called positive, the share that were.",
    "r2": "The share of the label's spread that the predictions explain: 1 at best, 0 for always "
    "predicting the mean.",
    "recall": "Of the rows that are positive, the share that was found.",
    "rmse": "How far predictions are from the truth, in the label's unit; large errors count most.",
    "weighted_f1": "F1 as the mean over the classes, weighted by their rows: 1 at best.",
}
_VERDICTS = {
    Status.OK: "No difference that matters.",
    Status.CHANGED: "There is a real difference, and it is smaller than its limit.",
    Status.UNCERTAIN: "There is a difference beyond its limit, and it may be chance.",
    Status.NOT_EVALUATED: "This could not be checked.",
}


def verdict(
    status: Status, policy: DecisionPolicy, *, metric: bool = False, harmless: bool = False
) -> str:
    """Return in a sentence what a status says.

    Parameters
    ----------
    status : Status
    policy : DecisionPolicy
        Its rule says when a difference is drift.
    metric : bool
        Whether it is of a metric, which gets worse and does not drift.
    harmless : bool
        Whether what was not evaluated need not have been.
    """
    if status is Status.NOT_EVALUATED and harmless:
        return "This was left out."
    if status is not Status.DRIFT:
        return _VERDICTS[status]
    word = "It got worse" if metric else "It drifted"
    if policy.rule == "threshold":
        return f"{word}: there is a difference beyond its limit."
    return f"{word}: there is a difference beyond its limit that is more than chance."


def meaning(name: str) -> str:
    """Return what a method or metric measures; nothing for one of another package."""
    return METHODS.get(name) or METRICS.get(name, "")
