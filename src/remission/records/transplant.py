"""The graft and after: transplants, cells, transfusions and graft-versus-host disease."""

from remission.records.column import (
    MOST_DAYS,
    YES_NO,
    Column,
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

_BLOOD_GROUPS = {"O": "O", "A": "A", "B": "B", "AB": "AB"}
_SEROLOGY = {"POS": "positive", "NEG": "negative", "U": "unknown"}

CD34_DOSES = {"BM": (0.1, 60.0), "PBSC": (0.1, 60.0), "CORD": (0.01, 10.0)}
"""Least and most CD34⁺ cells (10⁶/kg) that a graft of each source holds: our own limits."""

TRANSPLANT = Table(
    name="transplant",
    meaning="One row a transplant.",
    domain="PR",
    key=("subject_id", "transplant_no"),
    columns=(
        subject_id(),
        number_of("transplant_no", "Running number of the transplant."),
        day("day", "Day of the graft infusion."),
        code("donor", "The donor.", {
            "MATCHED_SIBLING": "matched sibling",
            "MATCHED_RELATED": "matched related",
            "HAPLOIDENTICAL": "haploidentical",
            "MATCHED_UNRELATED": "matched unrelated",
            "MISMATCHED_UNRELATED": "mismatched unrelated",
            "UNRELATED": "unrelated, match recorded apart",
            "CORD": "cord blood",
            "AUTOLOGOUS": "autologous",
        }),
        Column("donor_age_days", "integer", "Age of the donor at donation.",
               unit="days", minimum=0, maximum=40_000),
        yes_no("female_donor_to_male", "A female donor for a male recipient."),
        code("donor_abo", "Blood group of the donor.", _BLOOD_GROUPS),
        code("recipient_abo", "Blood group of the recipient before transplant.", _BLOOD_GROUPS),
        code("recipient_rh", "Rhesus factor of the recipient.", {"POS": "positive",
                                                                  "NEG": "negative"}),
        code("donor_cmv", "Cytomegalovirus serology of the donor.", _SEROLOGY),
        code("recipient_cmv", "Cytomegalovirus serology of the recipient.", _SEROLOGY),
        code("graft", "Where the cells came from.", {
            "BM": "bone marrow", "PBSC": "peripheral blood", "CORD": "cord blood",
        }),
        Column("hla_matched", "integer", "HLA alleles or antigens that match.",
               minimum=0, maximum=14),
        Column("hla_of", "integer", "HLA alleles or antigens that were compared.",
               minimum=2, maximum=14),
        code("conditioning", "Intensity of the conditioning.", {
            "MAC": "myeloablative", "RIC": "reduced intensity", "NMA": "non-myeloablative",
        }),
        amount("tbi_gy", "Total body irradiation, total dose.", "Gy", maximum=20),
        Column("tbi_fractions", "integer", "Fractions of the irradiation.", minimum=1, maximum=20),
        amount("cd34_1e6_kg", "CD34⁺ cells.", "10⁶/kg", maximum=200),
        amount("cd34_per_ul", "Viable CD34⁺ cells in the product.", "/uL", maximum=1_000_000),
        amount("product_volume_ml", "Volume of the product.", "mL", maximum=5000),
        amount("cd3_1e8_kg", "CD3⁺ cells.", "10⁸/kg", maximum=100),
        percent("cd45_viability_percent", "Viable CD45⁺ cells."),
        Column("gvhd_prophylaxis", "codes", "Prophylaxis of graft-versus-host disease.", codes={
            "PTCY": "post-transplant cyclophosphamide",
            "TAC": "tacrolimus",
            "CSA": "ciclosporin",
            "MMF": "mycophenolate mofetil",
            "MTX": "methotrexate",
            "ATG": "anti-thymocyte globulin",
        }),
        code("status_at_transplant", "Disease at transplant.", {
            "CR1": "first remission",
            "CR2": "second remission",
            "CR3": "third or later remission",
            "ACTIVE": "active disease",
        }),
        code("neutrophil_recovered_reported", "The centre's word: neutrophils recovered.", YES_NO),
        day("neutrophil_recovery_day_reported", "The centre's day of neutrophil recovery."),
        code("platelet_recovered_reported", "The centre's word: platelets recovered.", YES_NO),
        day("platelet_recovery_day_reported", "The centre's day of platelet recovery."),
    ),
)

CELL_THERAPY = Table(
    name="cell_therapy",
    meaning="CAR-T cells, donor lymphocytes and boosts: one row an infusion.",
    domain="PR",
    key=("subject_id", "therapy_no"),
    columns=(
        subject_id(),
        number_of("therapy_no", "Running number of the infusion."),
        code("kind", "What was infused.", {
            "CAR_T": "CAR-T cells", "DLI": "donor lymphocytes", "BOOST": "stem-cell boost",
        }),
        day("day", "Day of the infusion."),
        code("target", "Target of CAR-T cells.", {
            "CD19": "CD19", "CD22": "CD22", "CD19_CD22": "CD19 and CD22", "NA": "not applicable",
        }),
        text("product", "The product."),
        yes_no("lymphodepletion", "Lymphodepletion before it."),
    ),
)

TRANSFUSION = Table(
    name="transfusion",
    meaning="One row a day and product; without it no platelet recovery can be derived.",
    domain="PR",
    key=("subject_id", "day", "product"),
    columns=(
        subject_id(),
        Column("day", "day", "Day of the transfusion.", unit="days", required=True,
               minimum=-MOST_DAYS, maximum=MOST_DAYS),
        Column("product", "code", "The product.", codes={
            "RBC": "red cells", "PLATELET": "platelets", "PLASMA": "plasma",
            "GRANULOCYTE": "granulocytes",
        }, required=True),
        amount("units", "Units given."),
    ),
)

GVHD = Table(
    name="gvhd",
    meaning="One row an episode of graft-versus-host disease.",
    domain="CE",
    key=("subject_id", "gvhd_no"),
    columns=(
        subject_id(),
        number_of("gvhd_no", "Running number of the episode."),
        code("kind", "Acute or chronic.", {"ACUTE": "acute", "CHRONIC": "chronic"}),
        day("onset_day", "Day of onset."),
        code("max_grade", "Highest grade; III_IV where the centre did not part them.", {
            "I": "grade I",
            "II": "grade II",
            "III": "grade III",
            "IV": "grade IV",
            "III_IV": "grade III or IV",
            "MILD": "mild",
            "MODERATE": "moderate",
            "SEVERE": "severe",
            "LIMITED": "limited",
            "EXTENSIVE": "extensive",
        }),
        code("grading", "The grading system.", {
            "MAGIC": "MAGIC",
            "GLUCKSBERG": "modified Glucksberg",
            "NIH2014": "NIH 2014",
            "SEATTLE": "Seattle (limited or extensive)",
        }),
        yes_no("systemic_treatment", "Systemic treatment given."),
    ),
)

_CHRONIC_ORGANS = ("skin", "mouth", "eyes", "gi", "liver", "lungs", "joints", "genital")

GVHD_ORGAN = Table(
    name="gvhd_organ",
    meaning="Stages of the organs on a day, from which graft-versus-host disease is graded.",
    domain="CE, QS",
    key=("subject_id", "day"),
    columns=(
        subject_id(),
        day("day", "The day."),
        amount("weight_kg", "Weight.", "kg", maximum=250),
        percent("skin_percent", "Body surface with active erythema."),
        yes_no("bullae", "Bullae and desquamation.", unknown=False),
        amount("bilirubin_mg_dl", "Bilirubin.", "mg/dL", maximum=100),
        yes_no("upper_gi", "Persistent upper gastrointestinal signs.", unknown=False),
        amount("stool_ml_kg", "Stool volume a day.", "mL/kg", maximum=500),
        Column("stool_episodes", "integer", "Stools a day.", minimum=0, maximum=100),
        yes_no("ileus_or_blood", "Severe pain, ileus or gross blood.", unknown=False),
        *(
            Column(organ, "integer", f"NIH score of chronic disease: {organ}.",
                   minimum=0, maximum=3)
            for organ in _CHRONIC_ORGANS
        ),
    ),
)
