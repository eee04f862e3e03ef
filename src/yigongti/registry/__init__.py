"""The shared master records: places, institutions, alliances, practitioners, residents, care relations, code tables."""
