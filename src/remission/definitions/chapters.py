"""The table of contents: which file declares each definition, in the order of a child's course.

A definition is loaded when it is first asked for, so that a report of a few does not wait for all.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

CHAPTERS: Mapping[str, tuple[str, ...]] = MappingProxyType({
    "age": ("age_years", "age_months", "donor_age_years", "age_group"),
    "disease_status": (
        "disease_status", "diagnosis", "risk_group_reported", "status_at_first_infusion",
        "initial_class",
    ),
    "baseline_marrow": ("marrow_blasts_at_start", "mrd_at_start"),
    "before_blinatumomab": ("debulked", "bridged", "last_episode"),
    "disease_course": ("relapse_number", "post_transplant_relapse"),
    "earlier_treatment": ("prior_lines", "relapses_before_infusion"),
    "relapse": ("relapse", "relapse_after_transplant"),
    "relapse_site": ("relapse_site", "first_relapse_site", "first_relapse_cd19"),
    "relapse_timing": ("relapse_timing", "bfm_strategic_group", "high_risk_first_relapse"),
    "refractory": ("refractory",),
    "marrow_relapse": ("marrow_relapse", "mrd_recurrence"),
    "cns_status": ("cns_status",),
    "white_cells": ("white_cell_group", "white_cell_group_at_start", "white_cells_at_start"),
    "cytogenetics": (
        "bcr_abl1", "kmt2a_r", "tcf3_hlf", "etv6_runx1", "tcf3_pbx1", "znf384_r", "pax5_r",
        "ph_like", "hyperdiploid", "hypodiploid", "iamp21", "pax5_p80r", "mef2d_r",
        "ikzf1_plus", "ploidy", "cytogenetic_risk",
    ),
    "eligibility": (
        "eligible_age", "eligible_enrolment", "eligible_consent", "eligible_disease",
        "eligible_cd19", "eligible_performance", "eligible_site", "eligible_frailty",
        "eligible_exposure", "eligibility",
    ),
    "exposure": (
        "cycles_given", "cycle_days_infused", "days_infused", "step_up", "regimen_length",
        "cycle_regimen_length", "stopped_early", "early_stop_reason", "dexamethasone_premedication",
        "body_surface",
    ),
    "delivered": ("delivered_fraction", "cumulative_dose_per_m2", "cumulative_dose"),
    "protocol": (
        "protocol_doses_missed", "protocol_doses_off_schedule", "protocol_doses_unplanned",
        "protocol_adherence", "debulking_adherence", "reinduction_adherence", "bridging_adherence",
        "tki_adherence", "premedication_adherence", "intrathecal_adherence",
        "mobilisation_adherence", "conditioning_adherence", "gvhd_prophylaxis_adherence",
    ),
    "mrd": ("mrd_state", "marrow_mrd_state"),
    "response": ("response",),
    "cycle_response": ("cycle_response", "best_response"),
    "responder": ("remission_reached", "cycle_mrd_response", "best_mrd_response", "responder"),
    "next_therapy": ("next_therapy",),
    "toxicity_window": ("toxicity_window_end", "laboratory_baseline_day"),
    "crs": ("crs_grade", "crs_grade_worst", "crs_onset"),
    "icans": ("icans_grade", "icans_grade_worst", "icans_onset"),
    "ctcae": (
        "neutrophil_count_decreased_grade", "neutrophil_count_decreased_grade_worst",
        "platelet_count_decreased_grade", "platelet_count_decreased_grade_worst",
        "white_blood_cell_decreased_grade", "white_blood_cell_decreased_grade_worst",
        "lymphocyte_count_decreased_grade", "lymphocyte_count_decreased_grade_worst",
        "cd4_lymphocytes_decreased_grade", "cd4_lymphocytes_decreased_grade_worst", "anaemia_grade",
        "anaemia_grade_worst", "alanine_aminotransferase_increased_grade",
        "alanine_aminotransferase_increased_grade_worst",
        "aspartate_aminotransferase_increased_grade",
        "aspartate_aminotransferase_increased_grade_worst", "blood_bilirubin_increased_grade",
        "blood_bilirubin_increased_grade_worst", "ggt_increased_grade", "ggt_increased_grade_worst",
        "creatinine_increased_grade", "creatinine_increased_grade_worst",
        "fibrinogen_decreased_grade", "fibrinogen_decreased_grade_worst",
    ),
    "fever": (
        "febrile_neutropenia_grade", "febrile_neutropenia_grade_worst", "fever_grade",
        "fever_grade_worst",
    ),
    "tumour_lysis": (
        "tumour_lysis_laboratory", "cycle_tumour_lysis_laboratory", "tumour_lysis_clinical",
        "cycle_tumour_lysis_clinical", "tumour_lysis_grade", "cycle_tumour_lysis_grade",
    ),
    "adverse_events": (
        "crs_ctcae_grade", "crs_ctcae_grade_worst", "infection_ctcae_grade",
        "infection_ctcae_grade_worst", "cytopenia_ctcae_grade", "cytopenia_ctcae_grade_worst",
        "neurotoxicity_ctcae_grade", "neurotoxicity_ctcae_grade_worst", "hepatic_ctcae_grade",
        "hepatic_ctcae_grade_worst", "tumour_lysis_ctcae_grade", "tumour_lysis_ctcae_grade_worst",
    ),
    "immune": (
        "lymphocytes", "immune_reconstitution", "lymphocyte_change", "lymphocyte_range",
        "immune_reconstitution_range",
    ),
    "cd4_milestone": ("cd4_milestone",),
    "blood_counts": ("blood_counts",),
    "immunoglobulins": ("immunoglobulins", "immunoglobulin_change", "igg_replacement_level"),
    "cytokines": (
        "cytokines", "cytokine_pair_before", "cytokine_pair_after", "cytokine_direction",
        "cytokine_pair_censored",
    ),
    "transplant": ("transplanted",),
    "graft_dose": ("cd34_dose",),
    "engraftment": ("neutrophil_recovery", "platelet_recovery"),
    "graft_failure": ("graft_outcome", "primary_graft_failure", "secondary_graft_failure"),
    "chimerism": ("chimerism", "falling_chimerism"),
    "graft_function": ("poor_graft_function",),
    "donor_lymphocytes": ("donor_lymphocytes",),
    "surveillance": ("surveillance_expected", "surveillance_observed", "surveillance_fraction"),
    "gvhd": (
        "acute_gvhd", "acute_gvhd_2_4", "acute_gvhd_3_4", "chronic_gvhd",
        "chronic_gvhd_extensive", "chronic_gvhd_moderate_severe", "chronic_gvhd_systemic",
    ),
    "gvhd_grade": ("acute_gvhd_grade", "chronic_gvhd_severity"),
    "endpoints": ("death",),
})
"""File → the definitions declared in it."""

CHAPTER_OF: Mapping[str, str] = MappingProxyType(
    {name: chapter for chapter, names in CHAPTERS.items() for name in names})
"""Definition → the file that declares it."""
