class StackUnderflowError(Exception):
    def __init__(self, message):
        self.message = message


def evaluate(lines):
    st = []
    for w in " ".join(lines).split():
        if w == "+":
            if len(st) < 2:
                raise StackUnderflowError("Insufficient number of items in stack")
            st.append(st.pop() + st.pop())
        elif w == "/":
            b, a = st.pop(), st.pop()
            if b == 0:
                raise ZeroDivisionError("divide by zero")
            st.append(a // b)
        else:
            st.append(int(w))
    return st
