"""The author notebooks. They hold hidden tests and solutions: never install this for students."""
