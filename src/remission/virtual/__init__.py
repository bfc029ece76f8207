"""Cohorts that never were: records of simulated children."""
