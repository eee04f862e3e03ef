"""What the benchmarks share: a county of a given size, a machine that runs it, a browser that times it."""
