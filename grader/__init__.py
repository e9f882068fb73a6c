"""Runs a student's code against hidden tests.

From outside use only `grader.protocol` and `grader.pool`.
"""
