"""Cases of golden data: a request as proto JSON, and what a system answered."""

import json
import math


class Numbers:
    """Small numbers that are the same everywhere: a linear congruential generator, not a library's."""

    def __init__(self, seed):
        self.state = seed

    def integer(self, low, high):
        self.state = (self.state * 6364136223846793005 + 1442695040888963407) % 2**64
        return low + (self.state >> 33) % (high - low + 1)

    def integers(self, count, low=-4, high=4):
        return [float(self.integer(low, high)) for _ in range(count)]

    def reals(self, count):
        """Multiples of 2^-20 between -2 and 2: float32 holds them exactly."""
        return [self.integer(-(2**21), 2**21) / 2**20 for _ in range(count)]


def number(value):
    """A number as proto JSON has it."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    return int(value) if value == int(value) and abs(value) < 2**53 and math.copysign(1, value) > 0 else value


def tensor(shape, values, data_type="FLOAT64", axes=None):
    """A Tensor message."""
    form = "integers" if data_type.startswith("INT") else "doubles"
    message = {"dataType": "DATA_TYPE_" + data_type, "shape": list(shape)}
    message[form] = {"values": [number(value) for value in values]}
    if axes:
        message["axes"] = axes
    return message


def expected(shape, values, within=None):
    """What an answer's tensor has to be: exactly, or within these bounds of each element."""
    result = {"shape": list(shape), "values": [number(value) for value in values]}
    if within is not None:
        result["within"] = [float("%.3g" % (bound * 1.001)) for bound in within]  # rounded, never down
    return result


def gamma(terms, unit):
    return terms * unit / (1 - terms * unit)


class Cases:
    """The cases of one file."""

    def __init__(self):
        self.cases = []

    def add(self, name, rpc, source, request, expect, differs_because=None, refused=None):
        case = {"name": name, "rpc": rpc, "source": source, "request": request, "expect": expect}
        if differs_because:
            case["differs_because"] = differs_because
        if refused:
            case["refused"] = refused
        self.cases.append(case)

    def write(self, path, header):
        """One case a line, so that a change shows as one."""
        with open(path, "w", encoding="utf-8") as file:
            file.write("{\n")
            for key, value in header.items():
                file.write(json.dumps(key) + ": " + json.dumps(value) + ",\n")
            file.write('"cases": [\n')
            lines = [json.dumps(case, separators=(",", ":"), allow_nan=False) for case in self.cases]
            file.write(",\n".join(lines) + "\n]}\n")
