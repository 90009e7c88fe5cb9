"""What people type into the pages, read field by field."""
