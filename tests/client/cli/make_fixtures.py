#!/usr/bin/python3
"""Writes fixtures/: small tensor files as other programs write them. Run it again to get the same bytes.

Made with NumPy 1.24.2 (Debian's python3-numpy) and zlib; no randomness.
"""

import pathlib
import struct
import zipfile
import zlib

import numpy as np

OUT = pathlib.Path(__file__).parent / "fixtures"
# 2 x 3, distinct, with signs and halves where the type has them.
REAL = np.array([[0.0, 1.0, -2.5], [3.0, 4.25, -0.125]])
WHOLE = np.array([[0, 1, 2], [3, 100, 127]])


def npy(name, array, version=None):
    with open(OUT / name, "wb") as file:
        np.lib.format.write_array(file, array, version=version)


def chunk(name, data):
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png(name, width, height, depth, colour, rows, extra=()):
    """rows: one bytes object per line, samples packed as PNG wants them."""
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    data = zlib.compress(b"".join(b"\0" + row for row in rows), 9)
    chunks = [chunk(b"IHDR", header), *extra, chunk(b"IDAT", data), chunk(b"IEND", b"")]
    (OUT / name).write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(chunks))


def npz(name, compression, members):
    with zipfile.ZipFile(OUT / name, "w", compression) as archive:
        for member, data in members:
            archive.writestr(zipfile.ZipInfo(member, (1980, 1, 1, 0, 0, 0)), data, compression)


def sized_npz(name, data, claim):
    """An archive whose two headers both give `claim` as the member's inflated size."""
    npz(name, zipfile.ZIP_DEFLATED, [("weights.npy", data)])
    raw = bytearray((OUT / name).read_bytes())
    raw[22:26] = struct.pack("<I", claim)
    central = raw.index(b"PK\1\2")
    raw[central + 24 : central + 28] = struct.pack("<I", claim)
    (OUT / name).write_bytes(raw)


def main():
    OUT.mkdir(exist_ok=True)
    for kind in ("f2", "f4", "f8"):
        npy(f"{kind}_little.npy", REAL.astype("<" + kind))
        npy(f"{kind}_big.npy", REAL.astype(">" + kind))
    for kind in ("i1", "u1"):
        npy(f"{kind}.npy", WHOLE.astype(kind))
    for kind in ("i4", "i8"):
        npy(f"{kind}_little.npy", WHOLE.astype("<" + kind))
        npy(f"{kind}_big.npy", WHOLE.astype(">" + kind))
    npy("fortran.npy", np.asfortranarray(np.arange(24, dtype="<f4").reshape(2, 3, 4)))
    npy("scalar.npy", np.array(7.0, dtype="<f4"))
    npy("vector.npy", np.array([1.0, 2.0], dtype="<f4"))
    npy("batch_zero.npy", np.zeros((0, 4, 4), dtype="<f4"))
    npy("version2.npy", REAL.astype("<f4"), version=(2, 0))
    npy("version3.npy", REAL.astype("<f4"), version=(3, 0))
    npy("complex.npy", REAL.astype("<c8"))
    npy("records.npy", np.array([(1, 2.0)], dtype=[("a", "<i4"), ("b", "<f4")]))
    npy("bool.npy", np.array([True, False]))

    member = (OUT / "f4_little.npy").read_bytes()
    members = [("weights.npy", member), ("bias.npy", (OUT / "vector.npy").read_bytes())]
    npz("stored.npz", zipfile.ZIP_STORED, members)
    npz("deflated.npz", zipfile.ZIP_DEFLATED, members)
    sized_npz("claims_300_mib.npz", member, 300 << 20)
    sized_npz("claims_too_little.npz", member, 40)
    # A header that claims 2^62 elements.
    claim = b"{'descr': '<f4', 'fortran_order': False, 'shape': (1152921504606846976, 4), }"
    (OUT / "huge_claim.npy").write_bytes(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(claim)) + claim)

    grey = [bytes(range(16 * row, 16 * row + 16)) for row in range(16)]
    png("grey_all_values.png", 16, 16, 8, 0, grey)
    # A gamma of 1.0 must not change the samples.
    png("grey_gamma.png", 16, 16, 8, 0, grey, [chunk(b"gAMA", struct.pack(">I", 100000))])
    png("grey_1bit.png", 3, 2, 1, 0, [b"\xa0", b"\x40"])
    png("grey_alpha.png", 2, 1, 8, 4, [bytes([10, 255, 20, 128])])
    png("rgb.png", 2, 2, 8, 2, [bytes([1, 2, 3, 4, 5, 6]), bytes([7, 8, 9, 250, 251, 252])])
    png("rgba.png", 1, 2, 8, 6, [bytes([1, 2, 3, 4]), bytes([5, 6, 7, 0])])
    png("palette.png", 2, 1, 8, 3, [bytes([1, 0])], [chunk(b"PLTE", bytes([9, 8, 7, 6, 5, 4]))])
    png("grey_16bit.png", 1, 1, 16, 0, [b"\x12\x34"])


if __name__ == "__main__":
    main()
