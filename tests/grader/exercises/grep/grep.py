def grep(pattern, flags, files):
    out = []
    for f in files:
        with open(f) as h:
            for i, l in enumerate(h.readlines(), 1):
                if pattern in l:
                    out.append((f"{i}:" if "-n" in flags else "") + l)
    return "".join(out)
