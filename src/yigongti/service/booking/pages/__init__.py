"""Pages of booking: the calendar, the window, the overview, the person's own."""
