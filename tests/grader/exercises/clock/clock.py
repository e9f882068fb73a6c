class Clock:
    def __init__(self, h, m):
        self.t = (h * 60 + m) % 1440

    def __repr__(self):
        return f"Clock({self.t // 60}, {self.t % 60})"

    def __str__(self):
        return f"{self.t // 60:02d}:{self.t % 60:02d}"

    def __eq__(self, o):
        return self.t == o.t

    def __hash__(self):
        return hash(self.t)

    def __add__(self, m):
        return Clock(0, self.t + m)

    def __sub__(self, m):
        return Clock(0, self.t - m)
