"""利益共同体: assessment and the insurance fund."""
