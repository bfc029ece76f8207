"""Who the children are: one row a child, with history and the completeness of each form."""

from remission.records.column import (
    Column,
    Table,
    code,
    day,
    number_of,
    subject_id,
    text,
    yes_no,
)

INDEX_DATE, BIRTH_DATE = "index_date", "birth_date"
"""Two columns of the subject form that a centre fills and that stay in its vault."""

SUBJECT = Table(
    name="subject",
    meaning="One row a child; every denominator comes from here.",
    domain="DM, SC",
    key=("subject_id",),
    columns=(
        subject_id(),
        Column("site_id", "text", "The centre that treats the child.", required=True),
        Column("country", "text", "ISO 3166 three-letter code of the centre's country."),
        code("sex", "Sex as recorded.", {"F": "female", "M": "male", "U": "unknown"}),
        Column("age_at_index_days", "integer", "Age on the anchor day.",
               unit="days", minimum=0, maximum=40_000),
        Column("age_at_index_years_reported", "number",
               "Age on the anchor day as the centre gives it, where it gives no birthday.",
               unit="years", minimum=0, maximum=100),
        Column("index_year", "integer", "Calendar year of the anchor day.",
               minimum=1960, maximum=2100),
        code("index_event", "The event that is day 0 of this child's record.", {
            "BLINATUMOMAB_START": "first blinatumomab infusion",
            "DIAGNOSIS": "diagnosis",
            "TRANSPLANT": "transplant",
        }),
        code("cohort", "Why blinatumomab was given.", {
            "RR": "relapsed or refractory",
            "MRD_POS": "remission, MRD positive",
            "CHEMO_INTOLERANT": "remission, chemotherapy not tolerated",
            "OTHER": "other",
        }),
        text("arm", "The arm of a trial, in the trial's words."),
        yes_no("down_syndrome", "Down syndrome."),
        code("performance_scale", "The scale of the performance score.", {
            "LANSKY": "Lansky (1 to under 16 years)",
            "KARNOFSKY": "Karnofsky (16 years and over)",
            "NA": "not applicable (under 1 year)",
        }),
        Column("performance_score", "integer", "Performance score at the anchor.",
               minimum=0, maximum=100),
        yes_no("consent", "Informed consent of parents or guardians."),
        yes_no("assent", "Assent of the child, where the study asks for it."),
        yes_no("severe_infection", "Severe infection when blinatumomab was begun."),
        yes_no("organ_insufficiency",
               "Insufficiency of heart, liver or kidney when blinatumomab was begun."),
        yes_no("expected_survival_under_3_months",
               "Expected to survive less than 3 months when blinatumomab was begun."),
    ),
)

MEDICAL_HISTORY = Table(
    name="medical_history",
    meaning="Comorbidities and earlier events.",
    domain="MH",
    key=("subject_id", "history_no"),
    columns=(
        subject_id(),
        number_of("history_no", "Running number of the condition."),
        text("condition", "The condition in the centre's words."),
        day("start_day", "Day it began."),
        yes_no("ongoing", "Still present at the anchor."),
    ),
)

NULL_REASON = Table(
    name="null_reason",
    meaning="Why a cell of another table is empty.",
    domain="--STAT, --REASND",
    key=("table", "key", "column"),
    columns=(
        text("table", "The table the empty cell is in."),
        text("key", "The key of its row, parts joined by '/'."),
        text("column", "The empty column."),
        code("reason", "Why it is empty.", {
            "NOT_DONE": "not done",
            "UNKNOWN": "unknown",
            "NOT_ASKED": "not collected",
            "NOT_APPLICABLE": "does not apply",
            "BELOW_LOD": "below the limit of detection",
            "PENDING": "not yet known",
        }),
    ),
)

PARTIAL_DATE = Table(
    name="partial_date",
    meaning="What is known of a date whose day is not: the day column itself stays empty.",
    domain="--DTC",
    key=("table", "key", "column"),
    columns=(
        text("table", "The table the empty day is in."),
        text("key", "The key of its row, parts joined by '/'."),
        text("column", "The empty column."),
        code("precision", "How far the date is known.", {
            "D": "to the day", "M": "to the month", "Y": "to the year",
        }, required=True),
        day("earliest_day", "First day it can have been."),
        day("latest_day", "Last day it can have been."),
    ),
)

FORM_STATUS = Table(
    name="form_status",
    meaning="Whether a child was asked: no event row means 'none' only where the form is complete.",
    domain="--STAT",
    key=("subject_id", "form"),
    columns=(
        subject_id(),
        code("form", "The group of questions.", {
            "RELAPSE": "relapse since the anchor",
            "ACUTE_GVHD": "acute graft-versus-host disease",
            "CHRONIC_GVHD": "chronic graft-versus-host disease",
            "ADVERSE_EVENT": "adverse events",
            "TRANSFUSION": "transfusions",
            "SECOND_MALIGNANCY": "second malignancy",
        }),
        code("status", "Whether it was answered.", {
            "COMPLETE": "complete",
            "NOT_COLLECTED": "not collected",
        }, required=True),
    ),
)

SOURCE_DISAGREEMENT = Table(
    name="source_disagreement",
    meaning="Where two columns of a centre's own file say different things about one child.",
    domain="",
    key=("subject_id", "field", "of"),
    columns=(
        subject_id(),
        text("field", "The repeating column, with its value."),
        text("of", "The column it should follow from, with its value."),
        text("expected", "What the repeating column would hold if both agreed."),
    ),
)
