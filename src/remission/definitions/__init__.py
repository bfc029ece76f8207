"""What the words mean: the medicine, one file per clinical notion."""
