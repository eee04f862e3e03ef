"""Every write of the registry, one verb each."""
