"""Refusal of patients (推诿) and complaints (投诉): reported, answered, judged, counted."""
