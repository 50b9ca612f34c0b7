"""What people would write instead: TensorService's Convolve on grpcio and PyTorch, for NHWC inputs and HWIO filters.

torch_service.py --listen HOST:PORT [--workers N]; the path has the modules that protoc --python_out makes of protos/.
"""

import argparse
import signal
import sys
import threading
from concurrent import futures

import grpc
import numpy
import torch
from tensord.v1 import convolution_pb2, tensor_pb2


def to_torch(tensor):
    if tensor.data_type != tensor_pb2.DATA_TYPE_FLOAT32:
        raise ValueError("data_type has to be FLOAT32")
    return torch.from_numpy(numpy.frombuffer(tensor.data, "<f4").reshape(tuple(tensor.shape)).copy())


def convolve(request, context):
    try:
        x = to_torch(request.input).permute(0, 3, 1, 2)
        w = to_torch(request.filter).permute(3, 2, 0, 1)
        z = torch.nn.functional.conv2d(x, w).permute(0, 2, 3, 1).contiguous()
    except (ValueError, RuntimeError) as error:
        context.abort(grpc.StatusCode.INVALID_ARGUMENT, str(error))
    return convolution_pb2.ConvolveResponse(output=tensor_pb2.Tensor(
        data_type=tensor_pb2.DATA_TYPE_FLOAT32, shape=z.shape, data=z.numpy().tobytes()))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--listen", required=True, metavar="HOST:PORT")
    parser.add_argument("--workers", type=int, default=16, metavar="N", help="threads that answer calls")
    arguments = parser.parse_args()
    # A call is too small for more than one thread of PyTorch's.
    torch.set_num_threads(1)
    torch.set_grad_enabled(False)
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=arguments.workers))
    method = grpc.unary_unary_rpc_method_handler(convolve, convolution_pb2.ConvolveRequest.FromString,
                                                 convolution_pb2.ConvolveResponse.SerializeToString)
    server.add_generic_rpc_handlers(
        (grpc.method_handlers_generic_handler("tensord.v1.TensorService", {"Convolve": method}),))
    if server.add_insecure_port(arguments.listen) == 0:
        sys.exit(f"torch_service: cannot listen on {arguments.listen}")
    server.start()
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    ended.wait()
    server.stop(1).wait()


if __name__ == "__main__":
    main()
