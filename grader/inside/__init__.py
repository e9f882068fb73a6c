"""The parts of the agent. Everything here runs in the student's process."""
