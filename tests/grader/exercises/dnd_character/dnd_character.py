import random


def modifier(v):
    return (v - 10) // 2


class Character:
    def __init__(self):
        for n in ("strength", "dexterity", "constitution", "intelligence", "wisdom", "charisma"):
            setattr(self, n, self.ability())
        self.hitpoints = 10 + modifier(self.constitution)

    def ability(self):
        return sum(sorted(random.randint(1, 6) for _ in range(4))[1:])
