"""How outside text and files are read."""
