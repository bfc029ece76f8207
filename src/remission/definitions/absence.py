"""When no row means 'none': only where the child was asked."""

from __future__ import annotations

import narwhals.stable.v2 as nw

from remission.definitions.inputs import Lazy


def is_complete(forms: Lazy, form: str) -> Lazy:
    """Return ``subject_id, complete`` ('Y' or 'N') of the subjects whose form is known."""
    return forms.filter(nw.col("form") == form).select(
        "subject_id",
        nw.when(nw.col("status") == "COMPLETE").then(nw.lit("Y")).otherwise(nw.lit("N"))
        .alias("complete"),
    )
