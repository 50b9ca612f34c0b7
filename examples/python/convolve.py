#!/usr/bin/python3
"""Convolves through a tensord server with nothing but the protos: no package of tensord's.

Make the stubs first (Debian: apt-get install protobuf-compiler protobuf-compiler-grpc python3-grpcio python3-protobuf):

    protoc --proto_path=protos --python_out=stubs --grpc_python_out=stubs \
        --plugin=protoc-gen-grpc_python=/usr/bin/grpc_python_plugin protos/tensord/v1/*.proto protos/google/rpc/*.proto

and run it with the stubs on the path: PYTHONPATH=stubs examples/python/convolve.py localhost:50051
"""
import sys

import grpc
from google.rpc import error_details_pb2, status_pb2
from tensord.v1 import convolution_pb2, tensor_pb2, tensor_service_pb2_grpc


def matrix(rows):
    """A float32 tensor of nested lists, its elements as doubles: the form for people."""
    return tensor_pb2.Tensor(
        data_type=tensor_pb2.DATA_TYPE_FLOAT32,
        shape=[len(rows), len(rows[0])],
        doubles=tensor_pb2.DoubleArray(values=[value for row in rows for value in row]),
    )


def main():
    stub = tensor_service_pb2_grpc.TensorServiceStub(grpc.insecure_channel(sys.argv[1]))
    request = convolution_pb2.ConvolveRequest(
        input=matrix([[0, 3, 3], [0, 3, 2], [0, 0, 0]]), filter=matrix([[1, -1], [1, -1]])
    )
    response = stub.Convolve(request)
    print("output", list(response.output.shape), list(response.output.doubles.values))
    print("padding", response.conventions.padding)

    request.conventions.strides.append(0)
    try:
        stub.Convolve(request)
    except grpc.RpcError as error:
        print(error.code().name, "-", error.details())
        status = status_pb2.Status.FromString(dict(error.trailing_metadata())["grpc-status-details-bin"])
        for detail in status.details:
            bad_request = error_details_pb2.BadRequest()
            if detail.Unpack(bad_request):
                print([violation.field for violation in bad_request.field_violations])


if __name__ == "__main__":
    main()
