"""What shuts a student's process in, and the tests' side of it."""
