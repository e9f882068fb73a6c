class TreeNode:
    def __init__(self, data, left=None, right=None):
        self.data = data
        self.left = left
        self.right = right

    def __str__(self):
        return f"TreeNode(data={self.data}, left={self.left}, right={self.right})"


class BinarySearchTree:
    def __init__(self, td):
        self.root = None
        for d in td:
            self.add(d)

    def add(self, d):
        if not self.root:
            self.root = TreeNode(d)
            return
        n = self.root
        while True:
            s = "left" if d <= n.data else "right"
            if getattr(n, s) is None:
                setattr(n, s, TreeNode(d))
                return
            n = getattr(n, s)

    def data(self):
        return self.root

    def sorted_data(self):
        out = []

        def w(n):
            if n:
                w(n.left)
                out.append(n.data)
                w(n.right)

        w(self.root)
        return out
