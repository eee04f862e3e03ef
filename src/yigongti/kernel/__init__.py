"""The kernel: the rooms every module stands on. It knows no business word."""
