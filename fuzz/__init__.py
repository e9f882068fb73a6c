"""Coverage-guided fuzzing of the wire between tests and students (`make fuzz`)."""
