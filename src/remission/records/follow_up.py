"""How it went: last contact, death and its cause."""

from remission.records.column import Table, code, day, subject_id

FOLLOW_UP = Table(
    name="follow_up",
    meaning="One row a child: the last that is known.",
    domain="DS, DD",
    key=("subject_id",),
    columns=(
        subject_id(),
        day("last_contact_day", "Last day the child was known to be alive, or died."),
        code("vital_status", "What is known at last contact.", {
            "ALIVE": "alive", "DEAD": "dead", "LOST": "lost to follow-up",
        }),
        day("death_day", "Day of death."),
        code("cause_of_death", "Cause of death.", {
            "RELAPSE": "relapse",
            "TRANSPLANT": "transplant",
            "OTHER_TREATMENT": "other treatment",
            "INFECTION": "infection",
            "SECOND_MALIGNANCY": "second malignancy",
            "UNRELATED": "unrelated",
            "U": "unknown",
        }),
        day("second_malignancy_day", "Day of a second malignancy."),
    ),
)
