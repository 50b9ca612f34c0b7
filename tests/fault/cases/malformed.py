"""Bytes that are no message, or one that protobuf takes and that says nothing, to every rpc."""

import random

from cases.case import Case
from faults.messages import field, varint
from harness import requests as good
from harness.requests import ANALYSIS, TENSOR

MALFORMED, ACCEPTED = "MALFORMED_MESSAGE", "INVALID_REQUEST"
LEVELS = 100000


def anywhere():
    """Name, bytes, and whether protobuf takes them as unknown fields; true of every message without a field 15."""
    noise = random.Random(3)
    return [
        ("a tag cut off", b"\x80", MALFORMED),
        ("a varint cut off", b"\x78\x80", MALFORMED),
        ("a varint without value", b"\x78", MALFORMED),
        ("a length without payload", b"\x7a\x05", MALFORMED),
        ("a length one too long", b"\x7a\x05abcd", MALFORMED),
        ("a length cut off", b"\x7a\x80", MALFORMED),
        ("a length of 2^31-1", b"\x7a" + varint((1 << 31) - 1) + b"abc", MALFORMED),
        ("a length of 2^31", b"\x7a" + varint(1 << 31) + b"abc", MALFORMED),
        ("a length of 2^32-1", b"\x7a" + varint((1 << 32) - 1) + b"abc", MALFORMED),
        ("a length of 2^32", b"\x7a" + varint(1 << 32) + b"abc", MALFORMED),
        ("a length of -1", b"\x7a" + b"\xff" * 9 + b"\x01", MALFORMED),
        ("a length of eleven bytes", b"\x7a" + b"\x80" * 10 + b"\x01", MALFORMED),
        ("a tag of eleven bytes", b"\xf8" + b"\x80" * 9 + b"\x00\x01", MALFORMED),
        ("a varint of eleven bytes", b"\x78" + b"\x80" * 10 + b"\x01", MALFORMED),
        ("field number 0 as varint", b"\x00\x01", MALFORMED),
        ("field number 0 with a length", b"\x02\x00", MALFORMED),
        ("field number 0 as group", b"\x03\x04", MALFORMED),
        ("zeros", bytes(64), MALFORMED),
        ("a field number of 2^29", varint(1 << 32) + b"\x01", MALFORMED),
        ("wire type 6", b"\x7e", MALFORMED),
        ("wire type 7", b"\x7f\x01", MALFORMED),
        ("the end of no group", b"\x7c", MALFORMED),
        ("a group without end", b"\x7b", MALFORMED),
        ("a group with another's end", b"\x7b\x74", MALFORMED),
        ("groups that cross", b"\x7b\x73\x7c\x74", MALFORMED),
        ("a 4-byte number cut off", b"\x7d\x01\x02\x03", MALFORMED),
        ("an 8-byte number cut off", b"\x79\x01\x02\x03\x04\x05\x06\x07", MALFORMED),
        ("101 groups", b"\x7b" * 101 + b"\x7c" * 101, MALFORMED),
        (f"{LEVELS} groups", b"\x7b" * LEVELS + b"\x7c" * LEVELS, MALFORMED),
        (f"{LEVELS} groups without end", b"\x7b" * LEVELS, MALFORMED),
        ("0xff again and again", b"\xff" * 100, MALFORMED),
        ("text", b"GET / HTTP/1.1\r\n\r\n", MALFORMED),
        ("JSON", b'{"input": {}}', MALFORMED),
        ("noise", bytes([0xfe]) + noise.randbytes(999), MALFORMED),
        ("a gRPC prefix of its own", b"\0\0\0\0\5hello", MALFORMED),
        ("nothing", b"", ACCEPTED),
        ("100 groups", b"\x7b" * 100 + b"\x7c" * 100, ACCEPTED),
        ("an unknown varint", b"\x78\x01", ACCEPTED),
        ("an unknown varint of ten bytes", b"\x78" + b"\xff" * 9 + b"\x01", ACCEPTED),
        ("an unknown field of the largest number", varint((1 << 29) - 1 << 3) + b"\x01", ACCEPTED),
        ("a length written too long", b"\x7a\x80\x80\x00", ACCEPTED),
        ("a tag written too long", b"\xf8\x80\x00\x01", ACCEPTED),
        ("an unknown group", b"\x7b\x08\x01\x7c", ACCEPTED),
        ("10000 unknown fields", b"\x78\x01" * 10000, ACCEPTED),
    ]


def within_tensors():
    """The same for the inside of a Tensor."""
    return [
        ("a shape cut off", b"\x12\x01\x80"),
        ("a shape of eleven bytes", b"\x12\x0b" + b"\x80" * 10 + b"\x01"),
        ("a shape longer than the tensor", b"\x12\x09\x01"),
        ("doubles of 7 bytes", field(5, b"\x0a\x07" + bytes(7))),
        ("doubles of 12 bytes", field(5, b"\x0a\x0c" + bytes(12))),
        ("doubles longer than their message", b"\x2a\x03\x0a\x08\x01"),
        ("integers cut off", field(6, b"\x0a\x02\x01\x80")),
        ("axes that are no UTF-8", b"\x1a\x02\xff\xfe"),
        ("axes of half a surrogate pair", b"\x1a\x03\xed\xa0\x80"),
        ("axes of an overlong zero", b"\x1a\x02\xc0\x80"),
        ("axes of half a character", b"\x1a\x01\xc3"),
        ("a type cut off", b"\x08\x80"),
        ("data longer than the tensor", b"\x22\x7fab"),
        ("the end of no group", b"\x0c"),
    ]


def cases():
    rpcs = list(good.GOOD.items())
    found = []
    for method, make in rpcs:
        name = method.rsplit("/", 1)[1]
        info = name == "GetServerInfo"
        for what, body, reason in anywhere():
            if reason == ACCEPTED:
                found.append(said_nothing(method, name, what, body))
            else:
                found.append(Case(f"{name}: {what}", method, body, reason=reason))
            if reason == MALFORMED and len(body) < 1000:
                # Behind a request that would be answered: it must not be.
                found.append(Case(f"{name}: {what}, behind a good request", method, make().SerializeToString() + body,
                                  reason=reason))
        if not info:
            body = make().SerializeToString()
            found.append(Case(f"{name}: a good request without its last byte", method, body[:-1], reason=MALFORMED))
            found.append(Case(f"{name}: a good request twice but one byte", method, body + body[:-1], reason=MALFORMED))
        if method.startswith(TENSOR):
            tensors = make().DESCRIPTOR.fields_by_name
            number = tensors["input" if "input" in tensors else "indices"].number
            found += [Case(f"{name}: {what}", method, field(number, body), reason=MALFORMED)
                      for what, body in within_tensors()]
    found += strings()
    return found


def said_nothing(method, name, what, body):
    """What a request without any known field gets."""
    fields = {"Convolve": ("input", "filter"),
              "ConvolveBackward": ("input", "filter", "output_gradient", "gradients"), "Pool": ("kind", "input"),
              "ConvolveTranspose": ("input", "filter"),
              "ConvolveTransposeBackward": ("input", "filter", "output_gradient", "gradients"),
              "PoolBackward": ("kind", "input", "output_gradient"), "Unpool": ("input", "indices"),
              "UnpoolBackward": ("indices", "output_gradient"), "Activate": ("input", "activation.kind"),
              "ActivateBackward": ("input", "output_gradient", "activation.kind"), "AnalyzeLayer": ("layer",),
              "AnalyzeModel": ("model",), "DescribeDataset": ("axes",)}
    if name not in fields:
        return Case(f"{name}: {what}", method, body, "OK")
    return Case(f"{name}: {what}", method, body, fields=fields[name])


def strings():
    """Strings that are no UTF-8, in every message that has one, and the wrong wire type for a known field."""
    bad = b"\xff\xfe"
    convolve, pool = TENSOR + "Convolve", TENSOR + "Pool"
    analyze, describe = ANALYSIS + "AnalyzeLayer", ANALYSIS + "DescribeDataset"
    rows = [("a layout that is no UTF-8", convolve, field(5, field(1, bad)), MALFORMED, ()),
            ("a filter layout that is no UTF-8", convolve, field(5, field(2, bad)), MALFORMED, ()),
            ("a layout that is no UTF-8", pool, field(4, field(1, bad)), MALFORMED, ()),
            ("a symbol that is no UTF-8", analyze, field(1, field(1, field(2, bad))), MALFORMED, ()),
            ("a name that is no UTF-8", describe, field(1, field(1, bad)), MALFORMED, ()),
            ("strides cut off", convolve, field(5, b"\x2a\x01\x80"), MALFORMED, ()),
            ("a window cut off", pool, field(4, b"\x12\x01\x80"), MALFORMED, ()),
            ("gradients cut off", TENSOR + "ConvolveBackward", b"\x42\x01\x80", MALFORMED, ()),
            ("a slope of 3 bytes", TENSOR + "Activate", field(2, b"\x11\x00\x00\x00"), MALFORMED, ()),
            ("an input that is a number", convolve, b"\x08\x01", ACCEPTED, ("input", "filter")),
            ("a kind that is a message", pool, b"\x0a\x00", ACCEPTED, ("kind", "input"))]
    return [Case(f"{method.rsplit('/', 1)[1]}: {name}", method, body, reason=reason, fields=fields)
            for name, method, body, reason, fields in rows]
