"""The community of responsibility (责任共同体)."""
