"""The disease: diagnosis, each relapse or refractory state, and its genetics."""

from remission.records.column import (
    Table,
    amount,
    code,
    day,
    number_of,
    percent,
    subject_id,
    text,
    yes_no,
)

DISEASE_EPISODE = Table(
    name="disease_episode",
    meaning="Diagnosis, each relapse and refractory state: one row each.",
    domain="CE, MH",
    key=("subject_id", "episode_no"),
    columns=(
        subject_id(),
        number_of("episode_no", "Running number of the episode."),
        code("phase", "What kind of episode it is.", {
            "INITIAL_DIAGNOSIS": "initial diagnosis",
            "RELAPSE": "relapse",
            "REFRACTORY": "refractory disease",
            "MRD_RECURRENCE": "MRD recurrence",
        }),
        code("diagnosis", "The disease itself (initial diagnosis only).", {
            "B_ALL": "B-cell acute lymphoblastic leukaemia",
            "T_ALL": "T-cell acute lymphoblastic leukaemia",
            "ALL": "acute lymphoblastic leukaemia, lineage not recorded",
            "AML": "acute myeloid leukaemia",
            "CHRONIC_LEUKAEMIA": "chronic leukaemia or myelodysplasia",
            "LYMPHOMA": "lymphoma",
            "NON_MALIGNANT": "non-malignant disease",
            "OTHER": "other",
        }),
        code("risk_group_reported", "The centre's own risk group (initial diagnosis only).", {
            "STANDARD": "standard",
            "LOW": "low",
            "INTERMEDIATE": "intermediate",
            "HIGH": "high",
        }),
        day("start_day", "Day the episode was established."),
        yes_no("marrow", "Marrow involved."),
        yes_no("cns", "Central nervous system involved."),
        yes_no("testis", "Testis involved."),
        text("other_site", "Any other site."),
        percent("marrow_blast_percent", "Blasts in the marrow at the episode."),
        amount("wbc", "White-cell count at the episode.", "10*9/L", maximum=2000),
        code("cd19", "CD19 on the blasts.", {
            "POS": "positive", "DIM": "dim", "NEG": "negative", "U": "unknown",
        }),
        yes_no("lineage_switch", "Blasts of another lineage than at diagnosis."),
        amount("months_since_diagnosis_reported",
               "Calendar months from the initial diagnosis to the episode, where the centre gives "
               "them.", "months", maximum=1200),
        amount("months_since_frontline_end_reported",
               "Calendar months from the end of frontline therapy to the episode, where the centre "
               "gives them; negative during therapy.", "months", minimum=-120, maximum=1200),
    ),
)

GENETICS = Table(
    name="genetics",
    meaning="One row for each alteration that was looked for.",
    domain="GF",
    key=("subject_id", "genetics_no"),
    columns=(
        subject_id(),
        number_of("genetics_no", "Running number of the finding."),
        day("day", "Day of the sample."),
        code("alteration", "The alteration.", {
            "BCR_ABL1": "BCR::ABL1",
            "KMT2A_R": "KMT2A rearranged",
            "TCF3_HLF": "TCF3::HLF",
            "ETV6_RUNX1": "ETV6::RUNX1",
            "TCF3_PBX1": "TCF3::PBX1",
            "ZNF384_R": "ZNF384 rearranged",
            "PAX5_R": "PAX5 rearranged",
            "PAX5_P80R": "PAX5 P80R",
            "MEF2D_R": "MEF2D rearranged",
            "IKZF1_PLUS": "IKZF1plus",
            "PH_LIKE": "BCR::ABL1-like",
            "HYPERDIPLOID": "high hyperdiploidy",
            "HYPODIPLOID": "hypodiploidy",
            "IAMP21": "iAMP21",
            "TP53": "TP53",
            "OTHER": "other",
        }),
        code("method", "How it was looked for.", {
            "KARYOTYPE": "karyotype",
            "FISH": "FISH",
            "RT_PCR": "RT-PCR",
            "RNASEQ": "RNA sequencing",
            "NGS_DNA": "DNA sequencing",
            "SNP_ARRAY": "SNP array",
        }),
        code("status", "What was found.", {
            "PRESENT": "present",
            "ABSENT": "absent",
            "NOT_DONE": "not done",
            "FAILED": "failed",
        }),
        text("iscn", "The karyotype as written."),
    ),
)
