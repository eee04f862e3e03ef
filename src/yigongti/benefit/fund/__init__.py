"""The insurance fund, to the fen: settlement, grouping, budget, clearing, what-if."""
