"""Runs a student's code against hidden tests.

From outside use only `grader.protocol`, `grader.pool` and `grader.static`, which looks at source
without running it.
"""
