"""Reads objdump's listings: which instruction sets an object uses, and what its innermost loops do."""

import re
import subprocess
from collections import namedtuple

Instruction = namedtuple("Instruction", "address name operands")

_FUNCTION = re.compile(r"^[0-9a-f]+ <(.*)>:$")
_INSTRUCTION = re.compile(r"^ *([0-9a-f]+):\t(\S+) *(.*)$")
_TARGET = re.compile(r"^([0-9a-f]+) <")
_STACK_POINTER = re.compile(r"\(%rsp[,)]")
_FRAME_POINTER = re.compile(r"\(%r[sb]p[,)]")


def disassemble(archive):
    return subprocess.run(["objdump", "-d", "-C", "--no-show-raw-insn", archive], check=True, capture_output=True,
                          text=True).stdout


def objects_of(listing):
    """{object: {function: [Instruction, ...]}}."""
    objects, functions, instructions = {}, None, None
    for line in listing.splitlines():
        if "file format" in line:
            functions = objects.setdefault(line.split(":")[0], {})
        elif match := _FUNCTION.match(line):
            instructions = functions.setdefault(match[1], [])
        elif match := _INSTRUCTION.match(line):
            instructions.append(Instruction(int(match[1], 16), match[2], match[3]))
    return objects


def uses_avx(functions):
    """The first instruction of AVX or later, with its function, or None."""
    for function, instructions in functions.items():
        for instruction in instructions:
            # Those of AVX begin with a v; of what older processors have, verr and verw do, which are no vectors'.
            if re.match(r"v(?!er[rw]$)", instruction.name) or re.search(r"%[yz]mm", instruction.operands):
                return f"{function}: {instruction.name} {instruction.operands}"
    return None


def innermost_loops(instructions):
    """Runs of instructions that a jump backwards closes and that contain no other such run."""
    spans = []
    places = {instruction.address: place for place, instruction in enumerate(instructions)}
    for place, instruction in enumerate(instructions):
        match = _TARGET.match(instruction.operands) if instruction.name.startswith("j") else None
        if match and int(match[1], 16) <= instruction.address and int(match[1], 16) in places:
            spans.append((places[int(match[1], 16)], place))
    return [instructions[begin:end + 1] for begin, end in spans
            if not any((begin, end) != other and begin <= other[0] and other[1] <= end for other in spans)]


def hot_loops(instructions):
    """The innermost loops that multiply vectors and add."""
    return [loop for loop in innermost_loops(instructions)
            if any(re.match(r"vfn?madd...p[sd]|v?mulp[sd]", i.name) for i in loop)]


def window_loops(instructions):
    """The innermost loops that compare vectors, take their maxima or add them, without multiplying."""
    return [loop for loop in innermost_loops(instructions)
            if any(re.match(r"v?(max|add)p[sd]$|v?cmp\w*p[sd]$", i.name) for i in loop)]


def stack_accesses(loop, function):
    """Of a loop of that function, whose %rbp points to the stack only where it was set so."""
    framed = any(i.name == "mov" and i.operands == "%rsp,%rbp" for i in function)
    place = _FRAME_POINTER if framed else _STACK_POINTER
    return [instruction for instruction in loop if place.search(instruction.operands)]


def reloaded_vectors(loop, function):
    """Of these, those that read a vector."""
    return [instruction for instruction in stack_accesses(loop, function)
            if re.search(r"\(%r[sb]p\).*,%[xyz]mm", instruction.operands)]
