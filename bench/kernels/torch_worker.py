"""Computes convolutions and poolings with PyTorch when it is told to: the peer of bench/kernels/peer_pytorch.cc.

    torch_worker.py THREADS

Reads a line, "version" or a problem with a number of iterations as JSON, and answers with one: the version, or how many
seconds they took. Tensors are made when a problem is first asked for, and kept until the next.
"""

import json
import sys
import time

import torch
import torch.nn.functional as functional


def filled(problem, shape):
    layout = torch.channels_last if problem["channels_last"] else torch.contiguous_format
    return (torch.rand(shape, dtype=getattr(torch, problem["type"])) - 0.5).contiguous(memory_format=layout)


def ends(problem):
    """The two tensors that every operation has: x, and dy of the output's shape."""
    return tuple(filled(problem, (problem["batch"], *problem[end])) for end in ("input", "output"))


def prepare_convolution(problem):
    groups = problem["groups"]
    x, dy = ends(problem)
    w = filled(problem, (problem["output"][0], problem["input"][0] // groups, *problem["window"]))
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


def prepare_max_pooling(problem):
    """The gradient takes the indices that a forward pass has left, as autograd has it do."""
    x, dy = ends(problem)
    left, _, top, _ = problem["padding"]
    sizes = (tuple(problem["window"]), tuple(problem["strides"]), (top, left))
    with torch.no_grad():
        _, indices = functional.max_pool2d(x, *sizes, return_indices=True)

    def forward(with_indices):
        with torch.no_grad():
            return functional.max_pool2d(x, *sizes, return_indices=with_indices)

    def backward():
        with torch.no_grad():
            return torch.ops.aten.max_pool2d_with_indices_backward(dy, x, *sizes, (1, 1), False, indices)

    return {"forward": lambda: forward(False), "forward-indices": lambda: forward(True),
            "backward-data": backward}[problem["pass"]]


def prepare_average_pooling(problem):
    x, dy = ends(problem)
    left, _, top, _ = problem["padding"]
    sizes = (tuple(problem["window"]), tuple(problem["strides"]), (top, left))

    def forward():
        with torch.no_grad():
            return functional.avg_pool2d(x, *sizes, count_include_pad=False)

    def backward():
        with torch.no_grad():
            return torch.ops.aten.avg_pool2d_backward(dy, x, *sizes, False, False, None)

    return {"forward": forward, "backward-data": backward}[problem["pass"]]


def prepare(problem):
    """A function without arguments that computes the problem once."""
    return {"convolution": prepare_convolution, "max-pooling": prepare_max_pooling,
            "average-pooling": prepare_average_pooling}[problem["operation"]](problem)


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
