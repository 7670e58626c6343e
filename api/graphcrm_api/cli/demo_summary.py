"""What the demonstration found, for people."""


def print_demo(output, found):  # type: ignore
    output.data(found)
