"""Computes convolutions with PyTorch when it is told to: the peer of bench/kernels/peer_pytorch.cc.

    torch_worker.py THREADS

Reads a line, "version" or a problem with a number of iterations as JSON, and answers with one: the version, or how many
seconds they took. Tensors are made when a problem is first asked for, and kept until the next.
"""

import json
import sys
import time

import torch
import torch.nn.functional as functional


def prepare(problem):
    """A function without arguments that computes the problem once."""
    kind = getattr(torch, problem["type"])
    batch, groups = problem["batch"], problem["groups"]
    input_shape = (batch, *problem["input"])
    filter_shape = (problem["output"][0], problem["input"][0] // groups, *problem["window"])
    layout = torch.channels_last if problem["channels_last"] else torch.contiguous_format

    def filled(shape):
        return (torch.rand(shape, dtype=kind) - 0.5).contiguous(memory_format=layout)

    x, w, dy = filled(input_shape), filled(filter_shape), filled((batch, *problem["output"]))
    left, right, top, bottom = problem["padding"]
    strides = tuple(problem["strides"])
    # Padding that has to differ between the sides is a step of its own, as in a PyTorch program.
    even = all((size + 2 * pad - window) // stride + 1 == wanted for size, pad, window, stride, wanted in zip(
        problem["input"][1:], (top, left), problem["window"], strides, problem["output"][1:]))
    padding = (top, left) if even else (0, 0)

    def padded(tensor):
        return tensor if even else functional.pad(tensor, (left, right, top, bottom))

    def forward():
        with torch.no_grad():
            return functional.conv2d(padded(x), w, None, strides, padding, 1, groups)

    def backward(mask):
        with torch.no_grad():
            return torch.ops.aten.convolution_backward(dy, padded(x), w, None, strides, padding, (1, 1), False, (0, 0),
                                                       groups, mask)

    return {"forward": forward, "backward-data": lambda: backward([True, False, False]),
            "backward-weights": lambda: backward([False, True, False])}[problem["pass"]]


def main():
    torch.set_num_threads(int(sys.argv[1]))
    known, compute = None, None
    for line in sys.stdin:
        if line.strip() == "version":
            print(torch.__version__, flush=True)
            continue
        problem = json.loads(line)
        iterations = problem.pop("iterations")
        if problem != known:
            known, compute = problem, prepare(problem)
        start = time.perf_counter()
        for _ in range(iterations):
            compute()
        print(json.dumps({"seconds": time.perf_counter() - start}), flush=True)


if __name__ == "__main__":
    main()
