"""Response of the leukaemia, each rule shown by a few rows."""
