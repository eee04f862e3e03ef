"""Pages of referral that are not desks: the coordinator's board, the filing register, the criteria, what was declined."""
