"""Values between the tests and the student's process."""
