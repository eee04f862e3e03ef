"""One seed number becomes a county: each module's sample runs in the wiring's order."""
