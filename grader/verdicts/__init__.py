"""What is told of a grading, and to whom."""
