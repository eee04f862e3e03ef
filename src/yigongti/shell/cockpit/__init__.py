"""The director's cockpit (function 29): the few figures that matter, what is late and who holds it, where patients go."""
