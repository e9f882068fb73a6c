import sys


def main():
    name = input("Name? ")
    n = int(input())
    for i in range(n):
        print(f"{i}: {name}")
    print("done", file=sys.stderr)


if __name__ == "__main__":
    main()
