"""Planning a trial: how often virtual trials of some number of children show a difference."""
