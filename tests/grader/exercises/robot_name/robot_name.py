import random


class Robot:
    def __init__(self):
        self.reset()

    def reset(self):
        random.seed()
        self.name = (
            "".join(random.choice("ABCDEFGH") for _ in "12") + f"{random.randrange(1000):03d}"
        )
