"""What was given before, between and after: lines, blinatumomab infusions, other drugs."""

from remission.records.column import (
    Column,
    Table,
    amount,
    code,
    day,
    number_of,
    percent,
    subject_id,
    text,
)

TREATMENT_LINE = Table(
    name="treatment_line",
    meaning="Chemotherapy before, between and after blinatumomab: one row a line.",
    domain="CM, EX",
    key=("subject_id", "line_no"),
    columns=(
        subject_id(),
        number_of("line_no", "Running number of the line."),
        code("intent", "What the line was for.", {
            "FRONTLINE": "frontline",
            "SALVAGE": "salvage",
            "DEBULKING": "debulking",
            "BRIDGING": "bridging",
            "MAINTENANCE": "maintenance",
            "PALLIATIVE": "palliative",
        }),
        text("regimen", "The regimen in the centre's words."),
        code("tki", "Tyrosine-kinase inhibitor given with it.", {
            "NONE": "none",
            "IMATINIB": "imatinib",
            "DASATINIB": "dasatinib",
            "PONATINIB": "ponatinib",
            "OTHER": "other",
        }),
        day("start_day", "First day."),
        day("end_day", "Last day."),
        percent("blast_percent_after", "Marrow blasts after the line."),
    ),
)

EXPOSURE = Table(
    name="exposure",
    meaning="Blinatumomab: one row a segment of constant rate.",
    domain="EX",
    key=("subject_id", "cycle_no", "segment_no"),
    columns=(
        subject_id(),
        number_of("cycle_no", "Number of the cycle."),
        number_of("segment_no", "Running number of the segment within the cycle."),
        amount("dose", "Dose a day.", maximum=100),
        code("dose_unit", "Unit of the dose.", {
            "ug/m2/d": "µg/m² a day", "ug/d": "µg a day",
        }),
        day("start_day", "First day of the segment."),
        day("end_day", "Last day of the segment."),
        Column("planned_days", "integer", "Days the cycle was planned for.",
               unit="days", minimum=1, maximum=60),
        code("end_reason", "Why the segment ended.", {
            "COMPLETED": "completed",
            "RESPONSE": "response reached",
            "ADVERSE_EVENT": "adverse event",
            "PROGRESSION": "progression",
            "COST": "cost",
            "OTHER": "other",
        }),
        amount("dexamethasone_mg_m2", "Dexamethasone before the infusion.", "mg/m2"),
    ),
)

DRUG_DOSE = Table(
    name="drug_dose",
    meaning="What was given besides blinatumomab, as far as the protocol is to be checked.",
    domain="EX, CM",
    key=("subject_id", "dose_no"),
    columns=(
        subject_id(),
        number_of("dose_no", "Running number of the dose."),
        code("purpose", "What it was for.", {
            "DEBULKING": "debulking",
            "REINDUCTION": "reinduction",
            "BRIDGING": "bridging",
            "INTRATHECAL": "intrathecal",
            "TKI": "tyrosine-kinase inhibitor",
            "CONDITIONING": "conditioning",
            "GVHD_PROPHYLAXIS": "GVHD prophylaxis",
            "MOBILISATION": "mobilisation",
            "PREMEDICATION": "premedication",
            "RESCUE": "rescue",
            "IMMUNOGLOBULIN": "immunoglobulin replacement",
        }),
        text("drug", "The drug's international name."),
        amount("dose", "Dose of one administration."),
        code("unit", "Unit of the dose.", {
            "mg/m2": "mg/m²", "mg/kg": "mg/kg", "mg": "mg", "cGy": "cGy",
            "U/m2": "U/m²", "U": "U", "ug/kg": "µg/kg", "ug": "µg",
        }),
        code("route", "Route.", {
            "IV": "intravenous", "IT": "intrathecal", "PO": "by mouth",
            "SC": "subcutaneous", "TBI": "total body irradiation",
        }),
        day("start_day", "First day."),
        day("end_day", "Last day."),
        code("relative_to", "Day 0 of the schedule it belongs to.", {
            "FIRST_INFUSION": "first infusion", "TRANSPLANT": "transplant", "LINE": "its line",
        }),
        Column("line_no", "integer", "The line, where the schedule belongs to one.", minimum=1),
    ),
)
