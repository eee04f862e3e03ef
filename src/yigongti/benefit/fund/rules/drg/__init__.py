"""CHS-DRG driven by tables (fund.md 3): `tables` reads and checks them, `engine` groups one case and keeps every step."""
