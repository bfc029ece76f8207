"""How files become records."""
