"""What harm was done: adverse events and the daily signs from which CRS and ICANS are graded."""

from remission.records.column import (
    Column,
    Table,
    amount,
    code,
    day,
    number_of,
    subject_id,
    text,
    yes_no,
)

ADVERSE_EVENT = Table(
    name="adverse_event",
    meaning="One row an adverse event.",
    domain="AE",
    key=("subject_id", "event_no"),
    columns=(
        subject_id(),
        number_of("event_no", "Running number of the event."),
        text("term", "CTCAE v5 term."),
        code("group", "The group it is counted in.", {
            "CRS": "cytokine release syndrome",
            "ICANS": "ICANS",
            "NEUROTOXICITY": "other neurotoxicity",
            "INFECTION": "infection",
            "CYTOPENIA": "cytopenia",
            "TLS": "tumour lysis syndrome",
            "HEPATIC": "hepatic",
            "OTHER": "other",
        }),
        day("start_day", "First day."),
        day("end_day", "Last day."),
        Column("grade", "integer", "Grade.", minimum=1, maximum=5),
        code("grading", "The grading system.", {
            "CTCAE5": "CTCAE v5", "ASTCT2019": "ASTCT 2019",
        }),
        yes_no("serious", "Serious adverse event."),
        yes_no("related", "Related to blinatumomab in the centre's judgement."),
        code("action", "What was done with blinatumomab.", {
            "NONE": "none",
            "INTERRUPTED": "interrupted",
            "DISCONTINUED": "discontinued",
            "DOSE_CHANGED": "dose changed",
        }),
        text("organism", "Organism, for an infection."),
        Column("cycle_no", "integer", "The cycle it belongs to.", minimum=1),
    ),
)

TOXICITY_SIGN = Table(
    name="toxicity_sign",
    meaning="The worst of each sign on a day: one row a child and day.",
    domain="VS, QS",
    key=("subject_id", "day"),
    columns=(
        subject_id(),
        day("day", "The day."),
        amount("temperature_c", "Highest temperature.", "Cel", minimum=30, maximum=45),
        code("hypotension", "Treatment hypotension needed.", {
            "NONE": "none",
            "FLUIDS": "fluids",
            "ONE_VASOPRESSOR": "one vasopressor",
            "SEVERAL_VASOPRESSORS": "several vasopressors, vasopressin not counted",
        }),
        yes_no("vasopressin", "Vasopressin given.", unknown=False),
        code("oxygen", "Oxygen or ventilation needed.", {
            "NONE": "none",
            "NASAL_LOW": "low-flow nasal cannula",
            "BLOW_BY": "blow-by",
            "NASAL_HIGH": "high-flow nasal cannula",
            "MASK": "face mask",
            "NON_REBREATHER": "non-rebreather mask",
            "VENTURI": "Venturi mask",
            "CPAP": "CPAP",
            "BIPAP": "BiPAP",
            "VENTILATED": "mechanical ventilation",
        }),
        amount("oxygen_l_min", "Oxygen flow.", "L/min", maximum=100),
        yes_no("anticytokine_given", "Antipyretic, anticytokine or steroid given.", unknown=False),
        Column("ice_score", "integer", "ICE score (12 years and over).", minimum=0, maximum=10),
        Column("capd_score", "integer", "CAPD score (under 12 years).", minimum=0, maximum=32),
        code("consciousness", "Consciousness at its worst.", {
            "AWAKE": "awake",
            "TO_VOICE": "wakes to voice",
            "TACTILE": "wakes to touch only",
            "UNAROUSABLE": "unarousable",
        }),
        code("seizure", "Seizures.", {
            "NONE": "none",
            "BRIEF": "brief, resolved",
            "PROLONGED": "over 5 minutes",
            "REPETITIVE": "repetitive without recovery",
            "NONCONVULSIVE": "non-convulsive",
        }),
        code("motor_weakness", "Deep focal weakness.", {"NONE": "none", "FOCAL": "focal"}),
        code("raised_icp", "Raised intracranial pressure or oedema.", {
            "NONE": "none", "FOCAL_OEDEMA": "focal oedema", "DIFFUSE_OEDEMA": "diffuse oedema",
        }),
        yes_no("other_cause", "Another cause explains the signs.", unknown=False),
    ),
)
