"""What the readings mean: plain Python, no Django, no clock, no database."""
