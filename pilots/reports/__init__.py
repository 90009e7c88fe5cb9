"""Reads that cross models, for pages and mails."""
