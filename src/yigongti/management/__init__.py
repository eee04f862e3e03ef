"""管理共同体: what the members manage as one."""
