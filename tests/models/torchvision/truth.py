"""What PyTorch itself says of a classifier: parameters, statistics, products, and the shape of the scores."""

import contextlib
import math

import torch
import torchvision
from torch.utils._python_dispatch import TorchDispatchMode

# Sizes of images where 224 x 224 will not do: Inception's stem needs more, and the windows of Swin's second version
# divide 256.
IMAGE_SIZES = {"inception_v3": 299, "swin_v2_t": 256, "swin_v2_s": 256, "swin_v2_b": 256}
# The classifiers beside the network, for training alone, are no part of what runs.
ARGUMENTS = {"googlenet": {"aux_logits": False, "init_weights": False},
             "inception_v3": {"aux_logits": False, "init_weights": False}}


def names():
    return sorted(torchvision.models.list_models(module=torchvision.models))


def image_of(name):
    size = IMAGE_SIZES.get(name, 224)
    return torch.zeros(1, 3, size, size)


@contextlib.contextmanager
def no_initialization():
    """Weights stay as they are in memory: making good ones takes most of the time, and nobody looks at them."""
    initializers = {name: getattr(torch.nn.init, name) for name in dir(torch.nn.init)
                    if name.endswith("_") and not name.startswith("_")}
    for name in initializers:
        setattr(torch.nn.init, name, lambda tensor, *args, **kwargs: tensor)
    try:
        yield
    finally:
        for name, function in initializers.items():
            setattr(torch.nn.init, name, function)


def build(name):
    with no_initialization():
        model = torchvision.models.get_model(name, weights=None, **ARGUMENTS.get(name, {})).eval()
    # No two tensors alike: the exporter makes one of tensors whose elements are equal.
    with torch.no_grad():
        for tensor in [*model.parameters(), *model.buffers()]:
            if tensor.is_floating_point():
                tensor.uniform_(0.5, 1.5)
    return model


class ModuleProducts:
    """Multiply-accumulates of nn.Conv2d and nn.Linear, from hooks, as most counters of PyTorch do it."""

    def __init__(self, model):
        self.macs = 0
        self._handles = [module.register_forward_hook(self._count) for module in model.modules()
                         if isinstance(module, (torch.nn.Conv2d, torch.nn.Linear))]

    def _count(self, module, _inputs, output):
        self.macs += output.numel() * math.prod(module.weight.shape[1:])

    def remove(self):
        for handle in self._handles:
            handle.remove()


class AllProducts(TorchDispatchMode):
    """Multiply-accumulates of every convolution and matrix product that runs, whoever asks for it."""

    # By the place of the matrices [..., M, K] and [..., K, P] among the arguments.
    _PRODUCTS = {"mm": 0, "bmm": 0, "addmm": 1, "baddbmm": 1}
    # What would hide products from this count.
    _OPAQUE = {"_native_multi_head_attention", "_transformer_encoder_layer_fwd", "addbmm", "addmv", "mv", "dot"}

    def __init__(self):
        super().__init__()
        self.macs = 0

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        output = function(*args, **(kwargs or {}))
        name = function.__name__.split(".")[0]
        if name in self._OPAQUE:
            raise RuntimeError(f"{name} hides its products")
        if name == "convolution":
            self.macs += output.numel() * math.prod(args[1].shape[1:])
        elif name in self._PRODUCTS:
            self.macs += output.numel() * args[self._PRODUCTS[name]].shape[-1]
        return output


def truth_of(model, image):
    """As a dictionary: see the module's name."""
    hooks = ModuleProducts(model)
    # With gradients: without them attention takes a shortcut, in one operation that hides its products.
    with AllProducts() as products:
        output = model(image)
    hooks.remove()
    statistics = [module for module in model.modules() if isinstance(module, torch.nn.modules.batchnorm._BatchNorm)]
    return {"parameters": sum(parameter.numel() for parameter in model.parameters()),
            "statistics": sum(module.running_mean.numel() + module.running_var.numel() for module in statistics),
            "module_macs": hooks.macs,
            "macs": products.macs,
            "output": list(output.shape)}


def export(model, image, path, opset, with_weights):
    """Each operator of the model as it is: nothing folded, no normalization drawn into a convolution."""
    torch.onnx.export(model, image, path, opset_version=opset, export_params=with_weights, do_constant_folding=False,
                      training=torch.onnx.TrainingMode.PRESERVE, input_names=["input"], output_names=["output"])
