"""How the leukaemia was judged: marrow, blood and spinal fluid."""

from remission.records.column import (
    Table,
    amount,
    code,
    day,
    number_of,
    percent,
    subject_id,
    yes_no,
)

ASSESSMENT = Table(
    name="assessment",
    meaning="One row an examination of marrow, blood or spinal fluid.",
    domain="RS, LB",
    key=("subject_id", "assessment_no"),
    columns=(
        subject_id(),
        number_of("assessment_no", "Running number of the examination."),
        day("day", "Day of the sample."),
        code("specimen", "What was examined.", {
            "BM": "bone marrow", "PB": "peripheral blood", "CSF": "spinal fluid",
        }),
        code("timepoint", "Which examination it is.", {
            "BASELINE": "baseline",
            "D15": "day 15",
            "END_OF_CYCLE": "end of cycle",
            "PRE_TRANSPLANT": "before transplant",
            "FOLLOW_UP": "follow-up",
        }),
        percent("blast_percent", "Blasts by morphology."),
        code("mrd_method", "How MRD was measured.", {
            "FCM": "flow cytometry",
            "IG_TR_PCR": "immunoglobulin or T-cell-receptor PCR",
            "FUSION_PCR": "fusion-transcript PCR",
            "NGS": "sequencing",
        }),
        percent("mrd_percent", "MRD in percent (0.01 % is 1e-4)."),
        code("mrd_sign", "Whether the value is a measurement or a limit.", {
            "=": "measured", "<": "below the value given", "ND": "not detected",
        }),
        amount("mrd_lod_percent", "Limit of detection of the assay.", "%", maximum=100),
        code("cns_status", "CNS status.", {"CNS1": "CNS 1", "CNS2": "CNS 2", "CNS3": "CNS 3"}),
        yes_no("cns_signs", "Clinical signs of leukaemia in the nervous system at the examination: "
                            "nerve palsy, eye, brain or hypothalamus."),
        code("response_reported", "The centre's own word for the response.", {
            "CR": "complete remission",
            "CRH": "complete remission, partial haematological recovery",
            "CRI": "complete remission, incomplete recovery",
            "PR": "partial remission",
            "NR": "no response",
            "PD": "progression",
            "NE": "not evaluable",
        }),
    ),
)
