"""Events on the wire that belong to no other noun."""

from pythonmastery_ext.wire import WireOut


class Hello(WireOut):
    """First event of a stream."""

    #: Id of the newest event; what is older is already in what the API answers.
    last: int


class CourseChanged(WireOut):
    """The course was loaded anew: fetch it again."""
