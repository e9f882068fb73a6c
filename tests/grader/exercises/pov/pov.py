from json import dumps


class Tree:
    def __init__(self, label, children=None):
        self.label = label
        self.children = children if children is not None else []

    def __dict__(self):
        return {self.label: [c.__dict__() for c in sorted(self.children)]}

    def __str__(self, indent=None):
        return dumps(self.__dict__(), indent=indent)

    def __lt__(self, other):
        return self.label < other.label

    def __eq__(self, other):
        return self.__dict__() == other.__dict__()

    def __iter__(self):
        yield self.label
        for child in self.children:
            yield from child

    def path_to(self, target):
        if self.label == target:
            return [self]
        for c in self.children:
            p = c.path_to(target)
            if p:
                return [self] + p
        return []

    def from_pov(self, from_node):
        stack = self.path_to(from_node)
        if not stack:
            raise ValueError("Tree could not be reoriented")
        for a, b in zip(stack, stack[1:]):
            a.children = [c for c in a.children if c is not b]
            b.children = b.children + [a]
        return stack[-1]

    def path_to_labels(self, a, b):
        if a not in set(self):
            raise ValueError("Tree could not be reoriented")
        t = self.from_pov(a)
        p = t.path_to(b)
        if not p:
            raise ValueError("No path found")
        return [n.label for n in p]
