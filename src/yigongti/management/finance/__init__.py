"""Books: one set an institution, vouchers that balance and never change."""
