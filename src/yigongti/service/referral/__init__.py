"""Two-way referral: sent with the record, accepted, treated, sent back, followed up, closed; never silently open."""
