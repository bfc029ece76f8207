"""When no row means 'none': only where the child was asked, or the plan says so."""

from __future__ import annotations

import narwhals.stable.v2 as nw

from remission.definitions.inputs import Lazy
from remission.plan import Plan

NOT_ASKED = "not known to have been assessed"


def with_none_known(rows: Lazy, forms: Lazy, form: str, plan: Plan) -> Lazy:
    """Add ``none_known``: whether having no row of this kind means 'none' for the subject.

    A form of the child decides by its status; without one the plan's ``absent_means_none`` does.
    """
    status = forms.filter(nw.col("form") == form).select(
        "subject_id", nw.col("status").alias("form_status"))
    is_told = nw.lit(form in plan.records.absent_means_none)
    none_known = nw.when(nw.col("form_status").is_null()).then(is_told).otherwise(
        nw.col("form_status") == "COMPLETE")
    return rows.join(status, on="subject_id", how="left").with_columns(
        none_known=none_known).drop("form_status")
