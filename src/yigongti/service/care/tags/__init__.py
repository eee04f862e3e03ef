"""Key populations: who is tagged red, yellow or green by which rule, and how often they are to be contacted (R3)."""
