"""Words for Python's errors: data for `plain`."""

#: A pattern in Python's message → what it means. `{first}`: first word of the line; `{name}`: the
#: bracket that the message names.
Rules = tuple[tuple[str, str], ...]

SYNTAX: Rules = (
    (
        r"expected ':'",
        "A line that begins with `{first}` opens a block, so it ends with a colon.",
    ),
    (
        r"was never closed",
        "A bracket {name}is opened and never closed. Count the brackets from that line "
        "on; the missing one may belong some lines further down.",
    ),
    (
        r"unmatched|does not match",
        "There is a closing bracket without its opening one, or of another kind.",
    ),
    (
        r"unterminated",
        "A text begins with a quotation mark and does not end with the same one on its line.",
    ),
    (
        r"instead of '='|cannot assign to",
        "One `=` stores a value in a name; two, `==`, ask whether values are equal.",
    ),
    (
        r"f-string",
        "Something inside the braces of an f-string is not a Python expression.",
    ),
    (
        r"outside function",
        "`return` belongs inside a function: is the line indented below its `def`?",
    ),
    (
        r"parentheses in call to 'print'",
        "`print` is a function: its values stand in brackets, as in `print(total)`.",
    ),
    (
        r"comma",
        "Two values stand side by side with nothing between them; a comma, an operator "
        "or a quotation mark is missing.",
    ),
    (
        r"",
        "Python could not read this line, so nothing was run. Look at this line and the "
        "end of the one above it: a bracket, a quotation mark, a comma or a colon is "
        "missing or too many.",
    ),
)

INDENTATION: Rules = (
    (
        r"tabs",
        "Some lines are indented with tabs, others with spaces. Use four spaces everywhere.",
    ),
    (
        r"expected an indented block",
        "The line above ends with a colon, so what belongs to it must be indented by "
        "four spaces. If the block has nothing to do yet, write `pass` there.",
    ),
    (
        r"unindent",
        "This line is indented by an amount that matches no line above it.",
    ),
    (
        r"",
        "This line begins further right than the one above, but no block was opened there.",
    ),
)

TYPE: Rules = (
    (
        r"'NoneType'",
        "One of the values is `None`. A function without `return` gives `None`, and so "
        "do methods that change a list in place, such as `sort` and `append`.",
    ),
    (
        r"positional argument|keyword argument",
        "The call and the `def` line do not fit: compare the number, the order and the "
        "names of the arguments in both.",
    ),
    (
        r"not callable",
        "Brackets after a value mean a call, and this value is not a function. Was a "
        "name such as `sum` or `list` used for a value of yours?",
    ),
    (
        r"not subscriptable",
        "Square brackets take a part out of a list, text or dict; this value is none of them.",
    ),
    (
        r"not iterable",
        "A `for` loop needs something with many values, such as a list; this is one "
        "value. For a number of rounds, use `range(…)`.",
    ),
    (
        r"unsupported operand|concatenate|not supported between",
        "The two values are of types that this operator cannot join, often text and a "
        "number. Convert one of them, for example with `int(…)` or `str(…)`.",
    ),
    (
        r"unhashable",
        "A list, dict or set can change, so it cannot be a key of a dict or an entry of "
        "a set; a tuple can.",
    ),
    (
        r"",
        "A value here is of another type than the operation needs; `print(type(…))` shows which.",
    ),
)

VALUE: Rules = (
    (
        r"invalid literal|could not convert",
        "The text cannot be read as a number. Look for spaces, letters, a currency "
        "sign, a thousands comma or empty text in it.",
    ),
    (
        r"unpack",
        "The number of names left of `=` differs from the number of values on its right.",
    ),
    (
        r"",
        "The type of the value is right, but not the value itself. Print it just before this line.",
    ),
)

#: Errors that mean one thing only.
ONE: dict[str, str] = {
    "IndexError": (
        "The position is outside the list or text. Positions begin at 0, so the last "
        "one is `len(…) - 1`, and an empty list has none. Does a loop go one step too "
        "far?"
    ),
    "ZeroDivisionError": (
        "Something is divided by zero. When can the number below be 0, perhaps for an "
        "empty list? Decide what the result should be then, and ask for that case "
        "first."
    ),
    "RecursionError": (
        "The function calls itself again and again without an end. Each call needs a "
        "smaller task, and one case must return without calling."
    ),
    "NotImplementedError": (
        "This is the line that was there at the start. Put your own code in its place."
    ),
    "ImportError": (
        "The module or the name in it cannot be found or is not allowed in this "
        "problem. Check its spelling; the task names the modules that may be used."
    ),
    "ModuleNotFoundError": (
        "The module cannot be found or is not allowed in this problem. Check its "
        "spelling; the task names the modules that may be used."
    ),
    "AssertionError": ("A condition after `assert` was not true. Print what it compares."),
    "MemoryError": (
        "Your code asked for more memory than it may have. Look for a list or a text "
        "that grows without an end."
    ),
    "OverflowError": ("A number became too large for this operation."),
    "StopIteration": (
        "`next(…)` was called although nothing was left; give it a second value for that case."
    ),
    "EOFError": (
        "`input()` has nobody to ask here: the values come as arguments of your function."
    ),
    "FileNotFoundError": (
        "The file is not there: tests run in an empty folder, and the values come as arguments."
    ),
    "PermissionError": (
        "Code of a solution may not touch files or the network: the values come as arguments."
    ),
    "": (
        "Read Python's message word by word: it names what went wrong. Then print the "
        "values that this line uses, just before it."
    ),
}
