"""What the compiler made of the kernels: machine_code_test.py ARCHIVE, the library compute/.

No instruction that only newer processors have outside the objects that are dispatched to; fused multiply-adds on whole
registers in those; and hot loops that leave the stack alone.
"""

import re
import sys
import unittest

import machine_code

DISPATCHED = {"avx2.cc.o": "%ymm", "avx512.cc.o": "%zmm"}
KERNELS = (*DISPATCHED, "sse2.cc.o")

ARCHIVE = None


class TheLibrary(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.objects = machine_code.objects_of(machine_code.disassemble(ARCHIVE))

    def test_is_whole(self):
        for name in (*KERNELS, "correlate_positions.cc.o", "filter_gradient.cc.o", "pooling.cc.o"):
            self.assertTrue(self.objects.get(name), name)

    def test_has_no_newer_instructions_outside_the_dispatched_objects(self):
        for name, functions in self.objects.items():
            with self.subTest(name):
                if name in DISPATCHED:
                    self.assertIsNotNone(machine_code.uses_avx(functions))
                else:
                    self.assertIsNone(machine_code.uses_avx(functions))

    def tiles_of(self, name, which="MultiplyAdd"):
        return {function: instructions for function, instructions in self.objects[name].items()
                if re.search(which, function)}

    def test_has_fused_multiply_adds_on_whole_registers_in_every_tile(self):
        for name, register in DISPATCHED.items():
            tiles = self.tiles_of(name, "MultiplyAdd|AddProductsOf")
            self.assertGreater(len(tiles), 100, name)
            for function, instructions in tiles.items():
                with self.subTest(f"{name}: {function}"):
                    loops = machine_code.hot_loops(instructions)
                    self.assertTrue(loops)
                    for loop in loops:
                        self.assertTrue(any(i.name.startswith("vfmadd") and register in i.operands for i in loop))

    def test_has_loops_of_pooling_on_whole_registers_that_leave_the_stack_alone(self):
        count = 0
        for name in KERNELS:
            register = DISPATCHED.get(name, "%xmm")
            for function, instructions in self.objects[name].items():
                if not re.search("MaximumLanes|AverageLanes|SpreadLanes|HasNan", function):
                    continue
                loops = machine_code.window_loops(instructions)
                with self.subTest(f"{name}: {function}"):
                    self.assertEqual(1, len(loops))
                    self.assertEqual([], machine_code.stack_accesses(loops[0], instructions))
                    self.assertTrue(any(register in i.operands for i in loops[0]))
                count += len(loops)
        print(f"{count} loops of pooling, 0 accesses to the stack")
        self.assertGreaterEqual(count, 3 * 2 * (4 * 5 + 3))

    def test_has_hot_loops_that_leave_the_stack_alone(self):
        loops = accesses = 0
        for name in KERNELS:
            for function, instructions in self.tiles_of(name, "MultiplyAdd(Tile|Lanes)").items():
                for loop in machine_code.hot_loops(instructions):
                    loops += 1
                    spilled = machine_code.stack_accesses(loop, instructions)
                    accesses += len(spilled)
                    with self.subTest(f"{name}: {function}"):
                        self.assertEqual([], spilled)
        print(f"{loops} hot loops, {accesses} accesses to the stack")
        self.assertGreater(loops, 60)


    # Addresses are more than there are registers for where windows are high: of those some come from the stack.
    def test_has_loops_over_rows_that_load_no_vector_from_the_stack(self):
        loops = 0
        for name in KERNELS:
            for function, instructions in self.tiles_of(name, "MultiplyAddRowTile|AddProductsOf").items():
                for loop in machine_code.hot_loops(instructions):
                    loops += 1
                    with self.subTest(f"{name}: {function}"):
                        self.assertEqual([], machine_code.reloaded_vectors(loop, instructions))
        print(f"{loops} loops over rows, 0 vectors loaded from the stack")
        self.assertGreater(loops, 400)


LISTING = """
one.cc.o:     file format elf64-x86-64

0000000000000000 <Add(float*)>:
   0:\tmovups (%rdi),%xmm0
   4:\tmulps  %xmm1,%xmm0
   8:\tadd    $0x10,%rdi
   c:\tcmp    %rdi,%rsi
   f:\tjne    0 <Add(float*)>
  11:\tret

two.cc.o:     file format elf64-x86-64

0000000000000000 <Outer(float*)>:
   0:\txor    %eax,%eax
   2:\tvmovups 0x40(%rsp),%zmm0
   8:\tvfmadd231ps (%rdi),%zmm1,%zmm0
   e:\tvmovups %zmm0,0x40(%rsp)
  14:\tjne    8 <Outer(float*)+0x8>
  16:\tjne    2 <Outer(float*)+0x2>
  18:\tret
"""


class Planted(unittest.TestCase):
    def setUp(self):
        self.objects = machine_code.objects_of(LISTING)

    def test_newer_instructions_are_seen(self):
        self.assertIsNone(machine_code.uses_avx(self.objects["one.cc.o"]))
        self.assertIn("vmovups", machine_code.uses_avx(self.objects["two.cc.o"]))

    def test_the_innermost_loop_is_found_and_its_spill(self):
        function = self.objects["two.cc.o"]["Outer(float*)"]
        (loop,) = machine_code.hot_loops(function)
        self.assertEqual([8, 0xE, 0x14], [instruction.address for instruction in loop])
        self.assertEqual([0xE], [instruction.address for instruction in machine_code.stack_accesses(loop, function)])
        self.assertEqual([], machine_code.reloaded_vectors(loop, function))
        function = self.objects["one.cc.o"]["Add(float*)"]
        (loop,) = machine_code.hot_loops(function)
        self.assertEqual([], machine_code.stack_accesses(loop, function))
        self.assertEqual([], machine_code.window_loops(function))

    def test_a_vector_that_comes_from_the_stack_is_found(self):
        listing = LISTING.replace("vfmadd231ps (%rdi),%zmm1,%zmm0", "vfmadd231ps 0x40(%rsp),%zmm1,%zmm0")
        function = machine_code.objects_of(listing)["two.cc.o"]["Outer(float*)"]
        (loop,) = machine_code.hot_loops(function)
        self.assertEqual([8], [instruction.address for instruction in machine_code.reloaded_vectors(loop, function)])

    def test_a_loop_of_windows_is_found_and_its_spill(self):
        listing = LISTING.replace("vfmadd231ps (%rdi),%zmm1,%zmm0", "vmaxps (%rdi),%zmm1,%zmm0")
        function = machine_code.objects_of(listing)["two.cc.o"]["Outer(float*)"]
        (loop,) = machine_code.window_loops(function)
        self.assertEqual([0xE], [instruction.address for instruction in machine_code.stack_accesses(loop, function)])
        self.assertEqual([], machine_code.hot_loops(function))


if __name__ == "__main__":
    ARCHIVE = sys.argv.pop(1)
    unittest.main()
