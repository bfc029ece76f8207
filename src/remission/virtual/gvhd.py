"""Graft-versus-host disease: stages of the organs on days after the graft, and what they make.

Acute disease is graded from the stages by the words of MAGIC (Harris 2016, Biol Blood Marrow
Transplant 22:4), chronic disease from the scores by those of NIH 2014 (Jagasia 2015, Biol Blood
Marrow Transplant 21:389).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from remission.virtual.parameters import Parameters
from remission.virtual.rows import counted, days, rounded, table, words, yes_no
from remission.virtual.stream import Flags, Floats, Ints, Stream
from remission.virtual.transplants import Grafts

ACUTE = ("0", "I", "II", "III", "IV")
CHRONIC = ("NONE", "MILD", "MODERATE", "SEVERE")
ORGANS = ("skin", "mouth", "eyes", "gi", "liver", "lungs", "joints", "genital")
_ACUTE_DAYS = np.arange(14, 99, 7)
_CHRONIC_DAYS = np.array([120, 180, 270, 365, 540])
_LASTS = 28
_ADULT_KG = 50.0
_PATTERNS = np.array([
    [[0, 0, 0, 0]] * 3,
    [[1, 0, 0, 0], [2, 0, 0, 0], [2, 0, 0, 0]],
    [[3, 0, 0, 0], [2, 1, 0, 0], [1, 0, 1, 1]],
    [[2, 2, 0, 0], [3, 0, 1, 2], [0, 3, 0, 3]],
    [[4, 1, 0, 0], [2, 4, 0, 0], [2, 0, 1, 4]],
])
"""Grade → three ways to have it: stages of skin, liver, upper and lower gut."""
_SCORES = np.array([
    [[0] * 8] * 3,
    [[1, 0, 0, 0, 0, 0, 0, 0], [1, 1, 0, 0, 0, 0, 0, 0], [0, 1, 1, 0, 0, 0, 0, 0]],
    [[1, 1, 1, 0, 0, 0, 0, 0], [2, 1, 0, 0, 0, 0, 0, 0], [0, 1, 0, 0, 0, 1, 0, 0]],
    [[3, 1, 0, 0, 0, 0, 0, 0], [1, 1, 0, 0, 0, 2, 0, 0], [2, 2, 3, 0, 1, 0, 0, 0]],
])
"""Severity → three ways to have it: scores of the organs."""


@dataclass(frozen=True)
class GvhdDays:
    """Days on which organs were judged (r,): ``graft`` is the position, ``after`` the day.

    ``stages`` (r, 4) of acute disease, or ``scores`` (r, 8) of chronic disease.
    """

    graft: Ints
    after: Ints
    stages: Ints
    scores: Ints
    is_chronic: Flags
    skin: Floats
    bilirubin: Floats
    stool: Floats


def draw_gvhd(
    parameters: Parameters, stream: Stream, grafts: Grafts,
    given: tuple[Ints, Ints] | None = None,
) -> GvhdDays:
    """Return what was seen of the organs, as long as the children lived and were followed.

    ``given`` are worst grade and severity of each child (n,), -1 where they are not known.
    """
    n = len(grafts.owner)
    grade = stream.pick(parameters.shares("transplant.acute_gvhd", tuple("01234")), n)
    severity = stream.pick(parameters.shares("transplant.chronic_gvhd", tuple("0123")), n)
    if given is not None:
        acute, chronic = (one[grafts.owner] for one in given)
        grade, severity = np.where(acute >= 0, acute, grade), np.where(
            chronic >= 0, chronic, severity)
    way = stream.whole(n, 0, 2)
    onset = _ACUTE_DAYS[stream.whole(n, 0, 9)]
    visit = _CHRONIC_DAYS[stream.whole(n, 0, 2)]
    after = np.concatenate([_ACUTE_DAYS, _CHRONIC_DAYS])
    graft, column = np.nonzero(after[None, :] <= grafts.alive[:, None])
    day, is_chronic = after[column], column >= len(_ACUTE_DAYS)
    since = day - onset[graft]
    is_ill = (since >= 0) & (since < _LASTS) & ~is_chronic
    # the first day is the worst; a week later each stage has fallen by one
    stages = np.maximum(_PATTERNS[grade[graft], way[graft]] - (since > 0)[:, None], 0)
    stages = np.where(is_ill[:, None], stages, 0)
    is_ill = is_chronic & (day >= visit[graft])
    scores = np.where(is_ill[:, None], _SCORES[severity[graft], way[graft]], 0)
    drawn = stream.uniform((3, len(graft)))
    skin, liver, lower = stages[:, 0], stages[:, 1], stages[:, 3]
    per_kg = _between(lower, drawn[2], [0.0, 11.0, 21.0, 31.0, 31.0], [9.0, 19.0, 29.0, 45.0, 45.0])
    volume = _between(lower, drawn[2], [0.0, 520, 1050, 1600, 1600], [450.0, 950, 1450, 2500, 2500])
    weight = grafts.weight[graft]
    return GvhdDays(
        graft=graft, after=day, stages=stages, scores=scores, is_chronic=is_chronic,
        skin=rounded(_between(skin, drawn[0], [0.0, 3, 26, 55, 55], [0.0, 24, 49, 95, 95])),
        bilirubin=rounded(_between(
            liver, drawn[1], [0.2, 2.0, 3.2, 6.2, 15.2], [1.8, 2.9, 5.9, 14.9, 25.0]), 1),
        stool=rounded(np.where(weight > _ADULT_KG, volume / weight, per_kg), 2))


def _between(stage: Ints, drawn: Floats, low: list[float], high: list[float]) -> Floats:
    least, most = np.array(low)[stage], np.array(high)[stage]
    return np.asarray(least + drawn * (most - least))


def acute_grade(seen: GvhdDays, weight: Floats) -> Ints:
    """Return the MAGIC grade of each day from what was measured (r,); 0 on chronic days."""
    volume = seen.stool * weight[seen.graft]
    is_adult = weight[seen.graft] > _ADULT_KG
    has_bullae, has_blood = seen.stages[:, 0] == 4, seen.stages[:, 3] == 4
    skin = np.select([seen.skin > 50, seen.skin >= 25, seen.skin > 0], [3, 2, 1], 0)
    skin = np.where((skin == 3) & has_bullae, 4, skin)
    liver = np.select([seen.bilirubin > limit for limit in (15, 6, 3)], [4, 3, 2],
                      np.where(seen.bilirubin >= 2, 1, 0))
    child = np.select([seen.stool > 30, seen.stool >= 20, seen.stool >= 10], [3, 2, 1], 0)
    adult = np.select([volume > 1500, volume >= 1000, volume >= 500], [3, 2, 1], 0)
    lower = np.where(has_blood, 4, np.where(is_adult, adult, child))
    upper = seen.stages[:, 2]
    grade = np.select(
        [(skin == 4) | (liver == 4) | (lower == 4),
         (liver >= 2) | (lower >= 2),
         (skin == 3) | (liver == 1) | (upper == 1) | (lower == 1),
         skin >= 1], [4, 3, 2, 1], 0)
    return np.where(seen.is_chronic, 0, grade)


def chronic_severity(seen: GvhdDays) -> Ints:
    """Return the NIH severity of each day from the scores (r,): 0 none to 3 severe."""
    worst, affected = seen.scores.max(axis=1), (seen.scores > 0).sum(axis=1)
    lungs = seen.scores[:, ORGANS.index("lungs")]
    severity = np.select(
        [(worst == 3) | (lungs >= 2), (worst == 2) | (lungs == 1) | (affected >= 3), worst == 1],
        [3, 2, 1], 0)
    return np.where(seen.is_chronic, severity, 0)


def worst_of_grafts(seen: GvhdDays, grade: Ints, grafts: Grafts) -> tuple[Ints, Floats, Floats]:
    """Return the worst grade of each graft, the day after it of the worst, and of the first."""
    n = len(grafts.owner)
    worst = np.zeros(n, dtype=np.int64)
    np.maximum.at(worst, seen.graft, grade)
    first, of_worst = np.full(n, np.inf), np.full(n, np.inf)
    for found, which in ((first, grade > 0),
                         (of_worst, (grade > 0) & (grade == worst[seen.graft]))):
        np.minimum.at(found, seen.graft[which], seen.after[which].astype(float))
    return worst, np.where(worst > 0, of_worst, np.nan), np.where(worst > 0, first, np.nan)


def gvhd_tables(
    seen: GvhdDays, grafts: Grafts, acute: tuple[Ints, Floats, Floats],
    chronic: tuple[Ints, Floats, Floats], ids: pl.Series,
) -> dict[str, pl.DataFrame]:
    """Return the stages of the organs, and each disease as the centre graded it."""
    is_acute = ~seen.is_chronic
    measured = {
        "weight_kg": grafts.weight[seen.graft], "skin_percent": seen.skin,
        "bilirubin_mg_dl": seen.bilirubin, "stool_ml_kg": seen.stool}
    signs = {"bullae": seen.stages[:, 0] == 4, "upper_gi": seen.stages[:, 2] == 1,
             "ileus_or_blood": seen.stages[:, 3] == 4}
    none = pl.Series([None], dtype=pl.String)
    organs = table(
        "gvhd_organ", ids, grafts.owner[seen.graft], day=grafts.day[seen.graft] + seen.after,
        **{name: pl.Series(np.where(is_acute, values, np.nan), nan_to_null=True)
           for name, values in measured.items()},
        **{name: yes_no(flags).zip_with(pl.Series(is_acute), none.new_from_index(
            0, len(is_acute))) for name, flags in signs.items()},
        **{organ: days(np.where(seen.is_chronic, seen.scores[:, position], np.nan))
           for position, organ in enumerate(ORGANS)})
    graft, kind = np.nonzero(np.stack([acute[0], chronic[0]], axis=1))
    worst = np.stack([acute[0], chronic[0]], axis=1)[graft, kind]
    first = np.stack([acute[2], chronic[2]], axis=1)[graft, kind]
    names = (*ACUTE, *CHRONIC)
    episodes = table(
        "gvhd", ids, grafts.owner[graft], gvhd_no=counted(graft),
        kind=words(kind, ("ACUTE", "CHRONIC")), onset_day=days(grafts.day[graft] + first),
        max_grade=words(worst + kind * len(ACUTE), names),
        grading=words(kind, ("MAGIC", "NIH2014")),
        systemic_treatment=yes_no(worst >= np.where(kind == 0, 2, 2)))
    return {"gvhd_organ": organs, "gvhd": episodes}
