def handle_error_by_throwing_exception():
    raise Exception("Meaningful message")


def handle_error_by_returning_none(s):
    try:
        return int(s)
    except ValueError:
        return None


def filelike(f):
    with f as x:
        x.do_something()
