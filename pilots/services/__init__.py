"""One act in one transaction."""
