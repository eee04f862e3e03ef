"""What opens every account of a simulated county; never used for a real one."""

PASSWORD = "yunxi-2026-demo"
