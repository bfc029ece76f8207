"""Rules about tables that must agree: deaths, remissions, sexes, grafts, and repeated columns."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

import narwhals.stable.v2 as nw

from remission.records.checks.rule import Finding, rule
from remission.records.column import SOURCE
from remission.records.study import Study

_REMISSION_BLASTS = 5.0


@rule(
    why="Every denominator counts all children; without follow-up a child cannot be analysed.",
    cure="Add the child's row to follow_up.",
)
def no_follow_up(study: Study) -> Iterator[Finding]:
    """Find children without a follow-up row."""
    followed = study.table("follow_up").select("subject_id", nw.lit(1).alias("followed"))
    missing = study.table("subject").join(followed, on="subject_id", how="left").filter(
        nw.col("followed").is_null())
    for row in missing.iter_rows(named=True):
        yield Finding(row["subject_id"], (row[SOURCE],), "The child has no follow_up row.")


@rule(
    why="The time of death or of last contact is the outcome of the survival analysis.",
    cure="Complete vital_status, death_day and last_contact_day.",
)
def follow_up_incomplete(study: Study) -> Iterator[Finding]:
    """Find follow-up rows whose status and days do not fit together."""
    for row in study.table("follow_up").iter_rows(named=True):
        status, death, contact = row["vital_status"], row["death_day"], row["last_contact_day"]
        what = None
        if status is None:
            what = "vital_status is empty."
        elif status == "DEAD" and death is None:
            what = "The child is dead but death_day is empty."
        elif status != "DEAD" and death is not None:
            what = f"death_day is {death}, but vital_status is {status}."
        elif status != "DEAD" and contact is None:
            what = "last_contact_day is empty."
        elif death is not None and contact is not None and contact > death:
            what = f"last_contact_day {contact} is after death_day {death}."
        elif (death if death is not None else contact) < 0:
            what = "Follow-up ends before day 0."
        if what is not None:
            yield Finding(row["subject_id"], (row[SOURCE],), what)


_ROWS_OF_FORMS = {
    "RELAPSE": ("disease_episode", nw.col("phase") == "RELAPSE"),
    "ACUTE_GVHD": ("gvhd", nw.col("kind") == "ACUTE"),
    "CHRONIC_GVHD": ("gvhd", nw.col("kind") == "CHRONIC"),
    "ADVERSE_EVENT": ("adverse_event", ~nw.col("subject_id").is_null()),
    "TRANSFUSION": ("transfusion", ~nw.col("subject_id").is_null()),
}


@rule(
    why="What was not collected cannot have rows; either the form or the rows are wrong.",
    cure="Correct the form's status, or remove the rows.",
)
def rows_without_form(study: Study) -> Iterator[Finding]:
    """Find records under a form that was not collected."""
    closed = study.table("form_status").filter(nw.col("status") == "NOT_COLLECTED")
    for form, (table, is_of_form) in _ROWS_OF_FORMS.items():
        of_form = closed.filter(nw.col("form") == form).select(
            "subject_id", nw.col(SOURCE).alias("form_row"))
        rows = study.table(table).filter(is_of_form)
        for row in rows.join(of_form, on="subject_id").iter_rows(named=True):
            yield Finding(row["subject_id"], (row[SOURCE], row["form_row"]),
                          f"{form} was not collected, but {table} has a row.")


@rule(
    why="One child under two identifiers is counted twice, with half of its records each.",
    cure="Write the identifier in one way in all files, or confirm that these are two children.",
)
def identifiers_alike(study: Study) -> Iterator[Finding]:
    """Find identifiers that differ only in capitals or in how a letter is stored."""
    spelled: dict[str, list[tuple[str, str]]] = {}
    for subject, row in study.table("subject").select("subject_id", SOURCE).iter_rows():
        plain = unicodedata.normalize("NFKC", subject).casefold()
        spelled.setdefault(plain, []).append((subject, row))
    for alike in spelled.values():
        if len(alike) > 1:
            yield Finding(alike[0][0], tuple(row for _, row in alike),
                          f"{', '.join(subject for subject, _ in alike)} differ only in how they "
                          "are written.")


@rule(
    why="Grade 5 means death.",
    cure="Correct the grade, or vital_status in follow_up.",
    source="CTCAE v5.0, grade definitions",
)
def grade_5_alive(study: Study) -> Iterator[Finding]:
    """Find events of grade 5 in children not recorded as dead."""
    fatal = study.table("adverse_event").filter(nw.col("grade") == 5)
    joined = fatal.join(study.table("follow_up").select("subject_id", "vital_status"),
                        on="subject_id", how="left")
    for row in joined.iter_rows(named=True):
        if row["vital_status"] != "DEAD":
            yield Finding(row["subject_id"], (row[SOURCE],),
                          f"{row['term']} has grade 5, but vital_status is {row['vital_status']}.")


@rule(
    why="A number without its system is no grade: 2 is another harm in CTCAE than in ASTCT.",
    cure="Write the system of the grade in grading.",
    source="CTCAE v5.0; Lee 2019, Biol Blood Marrow Transplant 25:625",
)
def grade_without_system(study: Study) -> Iterator[Finding]:
    """Find adverse events with a grade and without its system."""
    bare = study.table("adverse_event").filter(
        ~nw.col("grade").is_null() & nw.col("grading").is_null())
    for row in bare.iter_rows(named=True):
        yield Finding(row["subject_id"], (row[SOURCE],),
                      f"{row['term'] or row['group']} has grade {row['grade']}, but no grading.")


_LOWEST = {"sepsis": 3, "febrile neutropenia": 3, "tumor lysis syndrome": 3}


@rule(
    why="The term begins at a higher grade; either the grade or the term is another.",
    cure="Correct grade or term.",
    source="CTCAE v5.0, febrile neutropenia, sepsis and tumor lysis syndrome: no grades 1 and 2",
)
def grade_below_its_term(study: Study) -> Iterator[Finding]:
    """Find adverse events of a lower grade than their CTCAE term has."""
    low = study.table("adverse_event").filter(
        (nw.col("grading") == "CTCAE5") & (nw.col("grade") < max(_LOWEST.values())))
    for row in low.iter_rows(named=True):
        lowest = _LOWEST.get((row["term"] or "").strip().lower(), 0)
        if row["grade"] < lowest:
            yield Finding(row["subject_id"], (row[SOURCE],),
                          f"{row['term']} has grade {row['grade']}; it begins at {lowest}.")


@rule(
    why="A complete remission is a marrow with under 5 % blasts.",
    cure="Give the marrow's blast_percent (or MRD), or correct response_reported.",
    source="Buchmann 2022, Blood 139:1785; ELN 2024: blasts < 5 %",
)
def remission_without_marrow(study: Study) -> Iterator[Finding]:
    """Find remissions reported without a marrow, or with 5 % blasts or more."""
    remissions = study.table("assessment").filter(
        nw.col("response_reported").is_in(["CR", "CRH", "CRI"]))
    for row in remissions.iter_rows(named=True):
        blasts, mrd = row["blast_percent"], row["mrd_percent"]
        if row["specimen"] != "BM" or (blasts is None and mrd is None and row["mrd_sign"] != "ND"):
            yield Finding(row["subject_id"], (row[SOURCE],),
                          f"{row['response_reported']} on day {row['day']} has no marrow result.")
        elif blasts is not None and blasts >= _REMISSION_BLASTS:
            yield Finding(row["subject_id"], (row[SOURCE],),
                          f"{row['response_reported']} on day {row['day']} with {blasts:g} % "
                          "blasts in the marrow.")


@rule(
    why="A transplant in remission follows a marrow in remission.",
    cure="Correct status_at_transplant, or add the marrow that showed the remission.",
    source="data model: transplant after the response it followed",
)
def remission_at_transplant_contradicted(study: Study) -> Iterator[Finding]:
    """Find transplants recorded in remission whose last marrow before showed 5 % blasts or more."""
    marrows = (
        study.table("assessment")
        .filter((nw.col("specimen") == "BM") & ~nw.col("blast_percent").is_null())
        .select("subject_id", nw.col("day").alias("marrow_day"), "blast_percent",
                nw.col(SOURCE).alias("marrow_row"))
    )
    grafts = study.table("transplant").filter(
        nw.col("status_at_transplant").is_in(["CR1", "CR2", "CR3"]))
    before = grafts.join(marrows, on="subject_id").filter(nw.col("marrow_day") <= nw.col("day"))
    last = before.filter(
        nw.col("marrow_day") == nw.col("marrow_day").max().over("subject_id", "transplant_no"))
    for row in last.filter(nw.col("blast_percent") >= _REMISSION_BLASTS).iter_rows(named=True):
        yield Finding(
            row["subject_id"], (row[SOURCE], row["marrow_row"]),
            f"Transplant in {row['status_at_transplant']} on day {row['day']}, but the marrow of "
            f"day {row['marrow_day']} had {row['blast_percent']:g} % blasts.",
        )


@rule(
    why="A girl has no testicular disease.",
    cure="Correct sex in subject or testis in disease_episode.",
)
def testis_in_a_girl(study: Study) -> Iterator[Finding]:
    """Find testicular disease in girls."""
    girls = study.table("subject").filter(nw.col("sex") == "F").select("subject_id")
    episodes = study.table("disease_episode").filter(nw.col("testis") == "Y")
    for row in episodes.join(girls, on="subject_id").iter_rows(named=True):
        yield Finding(row["subject_id"], (row[SOURCE],),
                      "Testicular disease is recorded for a girl.")


@rule(
    why="A disease that is not malignant does not relapse; after a transplant the word would be "
        "graft failure.",
    cure="Correct the diagnosis or the relapse.",
)
def relapse_of_non_malignant_disease(study: Study) -> Iterator[Finding]:
    """Find relapses of a disease that is not malignant."""
    episodes = study.table("disease_episode")
    benign = episodes.filter(nw.col("diagnosis") == "NON_MALIGNANT").select(
        "subject_id", nw.col(SOURCE).alias("diagnosis_row"))
    relapses = episodes.filter(nw.col("phase") == "RELAPSE")
    for row in relapses.join(benign, on="subject_id").iter_rows(named=True):
        yield Finding(row["subject_id"], (row["diagnosis_row"], row[SOURCE]),
                      "A relapse is recorded for a child whose disease is not malignant.")


@rule(
    why="Graft-versus-host disease and engraftment need a graft.",
    cure="Add the transplant, or remove the record.",
)
def gvhd_without_graft(study: Study) -> Iterator[Finding]:
    """Find graft-versus-host disease without a transplant."""
    grafted = study.table("transplant").select("subject_id", nw.lit(1).alias("grafted"))
    rows = study.table("gvhd").join(grafted, on="subject_id", how="left")
    for row in rows.filter(nw.col("grafted").is_null()).iter_rows(named=True):
        yield Finding(row["subject_id"], (row[SOURCE],),
                      f"{str(row['kind']).lower()} GVHD is recorded, but no transplant.")


@rule(
    why="Graft-versus-host disease begins after the graft.",
    cure="Correct onset_day in gvhd or day in transplant.",
)
def gvhd_before_graft(study: Study) -> Iterator[Finding]:
    """Find graft-versus-host disease that begins before the first transplant."""
    grafts = study.day_of_subjects("transplant", "day")
    first = grafts.filter(nw.col("day") == nw.col("day").min().over("subject_id")).unique(
        "subject_id", keep="any").select(
        "subject_id", nw.col("day").alias("graft_day"), nw.col(SOURCE).alias("graft_row"))
    rows = study.table("gvhd").join(first, on="subject_id")
    for row in rows.filter(nw.col("onset_day") < nw.col("graft_day")).iter_rows(named=True):
        yield Finding(row["subject_id"], (row[SOURCE], row["graft_row"]),
                      f"{str(row['kind']).lower()} GVHD begins on day {row['onset_day']}, the "
                      f"graft was given on day {row['graft_day']}.")


@rule(
    why="Either the count recovered on that day or it never did.",
    cure="Correct the word (…_recovered_reported) or the day (…_recovery_day_reported).",
)
def recovered_against_day(study: Study) -> Iterator[Finding]:
    """Find a day of recovery beside the word that there was none."""
    for cell in ("neutrophil", "platelet"):
        day, word = f"{cell}_recovery_day_reported", f"{cell}_recovered_reported"
        both = study.table("transplant").filter(
            (nw.col(word) == "N") & ~nw.col(day).is_null())
        for row in both.iter_rows(named=True):
            yield Finding(row["subject_id"], (row[SOURCE],),
                          f"{word} is N, but {day} is {row[day]}.")


@rule(
    why="More cannot match than were compared.",
    cure="Correct hla_matched or hla_of.",
)
def hla_matches_exceed(study: Study) -> Iterator[Finding]:
    """Find more HLA matches than alleles or antigens compared."""
    wrong = study.table("transplant").filter(nw.col("hla_matched") > nw.col("hla_of"))
    for row in wrong.iter_rows(named=True):
        yield Finding(row["subject_id"], (row[SOURCE],),
                      f"{row['hla_matched']} of {row['hla_of']} HLA alleles match.")


@rule(
    why="Two columns of the centre's own file say different things; only one can be used.",
    cure="Correct the column that is wrong in the centre's file and import again.",
    source="the mapping's [[redundant]] comparisons",
)
def repeated_column_disagrees(study: Study) -> Iterator[Finding]:
    """Find columns of a centre's own file that contradict each other."""
    for row in study.table("source_disagreement").iter_rows(named=True):
        yield Finding(
            row["subject_id"], (row[SOURCE],),
            f"{row['field']}, but {row['of']}: expected {row['expected']}.",
        )
