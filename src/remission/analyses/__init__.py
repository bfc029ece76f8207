"""What is asked: Cohort + Plan → Results; one file per kind of analysis."""
