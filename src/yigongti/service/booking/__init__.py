"""Reserved resources (T3, function 12): expert slots, beds, examinations; a fifth kept for family doctors."""
