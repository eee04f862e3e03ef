"""What every screen shares, and the one explicit list of everything: wiring.py."""
