"""Part 4 in numbers: the gradients that the server returns against central differences of what it computes.

The layer is Z = X * W + b, U = sigmoid(Z), and J = sum of G U, so that dJ/dU = G. For each element e of X, W and Z,
dJ/de must be (J(e + h) - J(e - h)) / 2h, but for an error that is bounded below. Every perturbed layer is computed by
the server, and all of them in one call: perturbed inputs are more samples of a batch, perturbed filters are more output
channels.
"""

import math
import random

# Small enough that the truncation error is tiny, large enough that the rounding of J, divided by it, is too.
STEP = 2.0**-14
UNIT_ROUNDOFF = 2.0**-53


def flatten(nested):
    if not isinstance(nested, list):
        return [nested]
    return [x for item in nested for x in flatten(item)]


def reshape(flat, shape):
    if not shape:
        return flat[0]
    size = len(flat) // shape[0]
    return [reshape(flat[i * size:(i + 1) * size], shape[1:]) for i in range(shape[0])]


def eighths(generator, count):
    """Multiples of 1/8 in [-1, 1]: adding and subtracting STEP is exact."""
    return [generator.randint(-8, 8) / 8 for _ in range(count)]


def perturbed(values):
    """The values with each element moved by +STEP and by -STEP, one after the other."""
    for index in range(len(values)):
        for sign in (1, -1):
            yield values[:index] + [values[index] + sign * STEP] + values[index + 1:]


def differences(objectives):
    """Central differences from J at +STEP and -STEP, alternating."""
    return [(up - down) / (2 * STEP) for up, down in zip(objectives[::2], objectives[1::2])]


class GradientCheck:
    """Asks `tensorctl`, a function from arguments and tensors to the server's answer."""

    def __init__(self, tensorctl, data):
        self.tensorctl = tensorctl
        generator = random.Random(data["seed"])
        self.input_shape, self.filter_shape = data["input_shape"], data["filter_shape"]
        self.x = eighths(generator, math.prod(self.input_shape))
        self.w = eighths(generator, math.prod(self.filter_shape))
        self.b = eighths(generator, self.filter_shape[3])
        z = self._call(["convolve"], input=(self.x, self.input_shape), filter=(self.w, self.filter_shape),
                       bias=(self.b, self.filter_shape[3:]))["output"]
        self.output_shape, self.z = z["shape"], flatten(z["values"])
        self.g = eighths(generator, len(self.z))

    def _call(self, command, **tensors):
        nested = {name: reshape(values, shape) for name, (values, shape) in tensors.items()}
        return self.tensorctl(command + ["--type", "float64"], nested)

    def _objective(self, outputs):
        return math.fsum(g * u for g, u in zip(self.g, outputs))

    def gradients(self):
        """dJ/dZ, dJ/dW and dJ/dX as the server computes them, in one call."""
        answer = self._call(["convolve-backward", "--activation", "sigmoid"], input=(self.x, self.input_shape),
                            filter=(self.w, self.filter_shape), bias=(self.b, self.filter_shape[3:]),
                            output_gradient=(self.g, self.output_shape))
        return {"Z": answer["pre_activation_gradient"], "W": answer["filter_gradient"], "X": answer["input_gradient"]}

    def input_differences(self):
        """dJ/dX: each perturbed input is a group of samples of one batch."""
        variants = list(perturbed(self.x))
        stacked = [x for variant in variants for x in variant]
        shape = [len(variants) * self.input_shape[0]] + self.input_shape[1:]
        answer = self._call(["convolve", "--activation", "sigmoid"], input=(stacked, shape),
                            filter=(self.w, self.filter_shape), bias=(self.b, self.filter_shape[3:]))
        u = flatten(answer["output"]["values"])
        size = len(self.z)
        return differences([self._objective(u[i * size:(i + 1) * size]) for i in range(len(variants))])

    def filter_differences(self):
        """dJ/dW: each perturbed filter is a group of output channels of one filter (O is the last axis)."""
        variants = list(perturbed(self.w))
        channels = self.filter_shape[3]
        taps = len(self.w) // channels
        stacked = [x for t in range(taps) for v in variants for x in v[t * channels:(t + 1) * channels]]
        count = len(variants)
        answer = self._call(["convolve", "--activation", "sigmoid"], input=(self.x, self.input_shape),
                            filter=(stacked, self.filter_shape[:3] + [count * channels]),
                            bias=(self.b * count, [count * channels]))
        u = flatten(answer["output"]["values"])
        positions = len(self.z) // channels
        objectives = []
        for v in range(count):
            starts = [(p * count + v) * channels for p in range(positions)]
            objectives.append(self._objective([x for s in starts for x in u[s:s + channels]]))
        return differences(objectives)

    def pre_activation_differences(self):
        """dJ/dZ: sigmoid of each Z moved up, then of each moved down; J changes by that element's part alone."""
        moved = [z + STEP for z in self.z] + [z - STEP for z in self.z]
        answer = self._call(["activate", "--kind", "sigmoid"], input=(moved, [2] + self.output_shape))
        u = flatten(answer["output"]["values"])
        size = len(self.z)
        return [g * (up - down) / (2 * STEP) for g, up, down in zip(self.g, u[:size], u[size:])]

    def tolerance(self, largest_factor):
        """A bound on |central difference - gradient| where Z moves by at most STEP * largest_factor per element.

        Truncation: STEP^2/6 |J'''|, and |sigmoid'''| <= 1/8, so J''' <= sum |G| factor^3 / 8.
        Rounding: each U is off by at most (K + 2) u of its sum of |w x| + |b| <= K + 1 (the data are within [-1, 1]),
        times sigmoid' <= 1/4, and by 8 u for sigmoid itself; Z that is sent back is off by u |Z| more. Twice that,
        once for each of two J, over 2 STEP. The gradient's own rounding is of the order of u, and far below.
        """
        total = math.fsum(abs(g) for g in self.g)
        taps = math.prod(self.filter_shape[:3])
        truncation = STEP**2 / 6 * total * largest_factor**3 / 8
        per_output = ((taps + 3) * (taps + 1 + largest_factor * STEP) / 4 + 8) * UNIT_ROUNDOFF
        return truncation + total * per_output / STEP

    def run(self):
        """Per tensor: its gradient's shape, the largest difference, and what it may be at most."""
        largest_weight = max(abs(w) for w in self.w)
        largest_input = max(abs(x) for x in self.x)
        measured = {
            "Z": (self.pre_activation_differences(), self.tolerance(1)),
            "W": (self.filter_differences(), self.tolerance(largest_input)),
            "X": (self.input_differences(), self.tolerance(largest_weight)),
        }
        results = {}
        for name, gradient in self.gradients().items():
            exact = flatten(gradient["values"])
            numeric, tolerance = measured[name]
            if len(exact) != len(numeric):
                raise ValueError(f"dJ/d{name} has {len(exact)} elements, expected {len(numeric)}")
            # A NaN must not compare as small: max() could drop it.
            errors = [abs(a - b) for a, b in zip(exact, numeric)]
            worst = max(errors, key=lambda e: math.inf if math.isnan(e) else e)
            results[name] = {"shape": gradient["shape"], "largest_difference": worst, "tolerance": tolerance,
                             "largest_gradient": max(abs(a) for a in exact), "agrees": worst <= tolerance}
        return results
