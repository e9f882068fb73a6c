"""The parts of `%load_ext pythonmastery_ext`.

They run in the learner's own kernel, beside the learner's code, so they hold nothing secret but the
token of the learner's own Jupyter server, and they know the service only through its HTTP API.
"""
