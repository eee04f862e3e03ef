"""Visits, diagnoses, allergies, problems: what a doctor writes and what others read of it."""
