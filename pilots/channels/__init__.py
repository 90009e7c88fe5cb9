"""How the product speaks to the outside."""
