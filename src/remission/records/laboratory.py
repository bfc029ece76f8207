"""Laboratory values, long: one row a value; also read from a site's laboratory file."""

from remission import units
from remission.records.column import MOST_DAYS, Column, Table, amount, code, subject_id, text

LABORATORY = Table(
    name="laboratory",
    meaning="One row a laboratory value.",
    domain="LB",
    key=("subject_id", "test", "day", "sequence"),
    columns=(
        subject_id(),
        Column("test", "code", "The test.", codes={name: name for name in units.TEST_UNITS},
               required=True),
        Column("day", "day", "Day of the sample.", unit="days", required=True,
               minimum=-MOST_DAYS, maximum=MOST_DAYS),
        Column("sequence", "integer", "Running number within test and day.", minimum=1,
               required=True),
        amount("value", "The value, in the unit beside it.", minimum=None),
        code("sign", "Whether the value is a measurement or a limit.", {
            "=": "measured", "<": "below the value given", ">": "above the value given",
        }),
        text("unit", "Unit of the value (UCUM); canonical after reading."),
        amount("source_value", "The value as the laboratory gave it.", minimum=None),
        text("source_unit", "The unit as the laboratory gave it."),
        amount("lower_limit", "Lower limit of normal.", minimum=None),
        amount("upper_limit", "Upper limit of normal.", minimum=None),
        amount("lod", "Limit of detection."),
        code("specimen", "What was examined.", {
            "BLOOD": "blood", "SERUM": "serum", "MARROW": "marrow", "CSF": "spinal fluid",
        }),
    ),
)
