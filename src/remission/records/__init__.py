"""What was written down: the tables of a study, without judgement."""
