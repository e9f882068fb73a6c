class Record:
    def __init__(self, record_id, parent_id):
        self.record_id = record_id
        self.parent_id = parent_id


class Node:
    def __init__(self, node_id):
        self.node_id = node_id
        self.children = []


def BuildTree(records):
    nodes = {}
    for i, r in enumerate(sorted(records, key=lambda r: r.record_id)):
        if r.record_id != i:
            raise ValueError("Record id is invalid or out of order.")
        if r.record_id < r.parent_id:
            raise ValueError("Node parent_id should be smaller than it's record_id.")
        nodes[i] = Node(i)
        if i:
            nodes[r.parent_id].children.append(nodes[i])
    return nodes.get(0)
