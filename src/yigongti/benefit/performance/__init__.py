"""Assessment of members and consortia: scores, frozen before money follows them."""
