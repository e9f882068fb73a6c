"""Finds and runs the tests of an author: asserts, pytest-style functions, unittest."""
