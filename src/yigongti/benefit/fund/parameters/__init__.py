"""Policy at a place and day as the fund's commands take it, with where each part stands: settlement, pool, thresholds of the audit."""
