"""The same tables and figures made with what users would pick instead.

tableone for the tables, lifelines for the curves, matplotlib for the figures, python-docx and
openpyxl for the files. It is given the derived cohort as a flat file (``remission derive``): it
reads no records, checks nothing, derives nothing and traces nothing.

    python benchmarks/peer_report.py COHORT.csv OUT
"""

from __future__ import annotations

import sys
import warnings
from pathlib import Path

import matplotlib as mpl

mpl.use("Agg")
import docx
import matplotlib.pyplot as plt
import pandas as pd
from docx.shared import Cm
from lifelines import AalenJohansenFitter, KaplanMeierFitter
from lifelines.plotting import add_at_risk_counts
from lifelines.statistics import multivariate_logrank_test
from tableone import TableOne

warnings.filterwarnings("ignore")
YEAR = 365.25
STATUS = {"RR": "R/R", "MRD_POS": "MRD positive", "CHEMO_INTOLERANT": "Intolerant"}


def tables(cohort: pd.DataFrame) -> list[tuple[str, TableOne]]:
    first = TableOne(
        cohort, columns=["age_years", "age_group", "sex"],
        categorical=["age_group", "sex"], nonnormal=["age_years"],
        groupby="disease_status", pval=True)
    grafted = cohort[cohort["transplanted"] == "Y"].copy()
    grafted["donor_group"] = grafted["donor"].eq("HAPLOIDENTICAL").map(
        {True: "Haploidentical", False: "Matched"})
    outcomes = ["neutrophil_recovery", "platelet_recovery", "acute_gvhd_2_4", "acute_gvhd_3_4",
                "chronic_gvhd_moderate_severe", "relapse_after_transplant", "death"]
    days = ["cd34_1e6_kg", "neutrophil_recovery_day", "platelet_recovery_day"]
    second = TableOne(grafted, columns=[*days, *outcomes], categorical=outcomes, nonnormal=days,
                      groupby="donor_group", pval=True)
    return [("Children at first infusion", first), ("Outcomes after transplant", second)]


def save(figure: plt.Figure, folder: Path, name: str) -> Path:
    figure.savefig(folder / f"{name}.svg")
    figure.savefig(folder / f"{name}.png", dpi=300)
    return folder / f"{name}.png"


def survival(cohort: pd.DataFrame, folder: Path, by: str | None, name: str) -> Path:
    known = cohort.dropna(subset=["endpoint_os_time", "endpoint_os_status"])
    figure, axes = plt.subplots(figsize=(6.6, 4.2))
    fitters = []
    groups = [("Overall", known)] if by is None else list(known.groupby(by))
    for label, part in groups:
        fitter = KaplanMeierFitter()
        fitter.fit(part["endpoint_os_time"] / YEAR, part["endpoint_os_status"],
                   label=STATUS.get(str(label), str(label)))
        fitter.plot_survival_function(ax=axes, show_censors=True)
        fitters.append(fitter)
        fitter.predict([1, 2])
    if by is not None:
        test = multivariate_logrank_test(known["endpoint_os_time"], known[by],
                                         known["endpoint_os_status"])
        axes.text(0.1, 0.1, f"log-rank P = {test.p_value:.3f}")
    axes.set_xlim(0, 3)
    axes.set_ylim(0, 1)
    add_at_risk_counts(*fitters, ax=axes)
    figure.tight_layout()
    return save(figure, folder, name)


def relapse(cohort: pd.DataFrame, folder: Path) -> Path:
    known = cohort.dropna(subset=["endpoint_relapse_time", "endpoint_relapse_status"])
    figure, axes = plt.subplots(figsize=(6.6, 4.2))
    fitter = AalenJohansenFitter(calculate_variance=True)
    fitter.fit(known["endpoint_relapse_time"] / YEAR, known["endpoint_relapse_status"], 1)
    fitter.plot(ax=axes)
    axes.set_xlim(0, 3)
    return save(figure, folder, "figure-3")


def main() -> None:
    cohort = pd.read_csv(sys.argv[1])
    out = Path(sys.argv[2])
    out.mkdir(parents=True, exist_ok=True)
    made = tables(cohort)
    pictures = [survival(cohort, out, None, "figure-1"),
                survival(cohort, out, "disease_status", "figure-2"), relapse(cohort, out)]
    word = docx.Document()
    with pd.ExcelWriter(out / "tables.xlsx") as book:
        for number, (title, table) in enumerate(made, start=1):
            frame = table.tableone
            frame.to_excel(book, sheet_name=f"Table {number}")
            flat = frame.reset_index()
            word.add_paragraph(f"Table {number}. {title}")
            grid = word.add_table(rows=len(flat), cols=len(flat.columns))
            cells = grid._cells
            for position, value in enumerate(flat.astype(str).to_numpy().ravel()):
                cells[position].text = value
    for picture in pictures:
        word.add_picture(str(picture), width=Cm(15.5))
    word.save(str(out / "report.docx"))
    page = "".join(table.to_html() for _, table in made)
    (out / "report.html").write_text(page, encoding="utf-8")


main()
