"""What every screen shares: sign-in, navigation, search, my work, the resident's own pages; and the wiring."""
