"""Pages of the policy sandbox: the desk, what stands behind a number, saved comparisons, and how each is told."""
