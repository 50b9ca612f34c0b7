"""The schema of assignments: it is one, the examples and the page obey it, and what is wrong does not."""

import json
import pathlib
import unittest

import jsonschema
import yaml

ROOT = pathlib.Path(__file__).resolve().parents[4]
SCHEMA = json.loads((ROOT / "docs" / "grading" / "assignment.schema.json").read_text(encoding="utf-8"))
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)


def errors_of(text):
    return [error.message for error in VALIDATOR.iter_errors(yaml.safe_load(text))]


def part(text):
    return f"{{id: a, questions: [{{id: 1, parts: [{{id: a, {text}}}]}}]}}"


def step(text):
    return f"{{id: a, questions: [{{id: 1, steps: [{{name: Z, {text}}}]}}]}}"


class AssignmentSchemaTest(unittest.TestCase):

    def test_it_is_a_schema(self):
        jsonschema.Draft202012Validator.check_schema(SCHEMA)

    def test_the_example_and_the_page_obey_it(self):
        example = (ROOT / "examples" / "homework10" / "assignment.yaml").read_text(encoding="utf-8")
        self.assertEqual([], errors_of(example))
        page = (ROOT / "docs" / "grading" / "assignments.md").read_text(encoding="utf-8")
        blocks = [block.split("```")[0] for block in page.split("```yaml\n")[1:]]
        assignments = [block for block in blocks if "questions:" in block]
        self.assertEqual(1, len(assignments))
        self.assertEqual([], errors_of(assignments[0]))

    def test_what_is_right(self):
        for text in (part("of: Z, integer: "), part("of: [Z, U], tuple: {any_order: true}"), part("shape: {axes: [[a, b], c]}"),
                     part("element: {condition: largest}, points: 0.5"), step("convolve: {input: X, filter: [[1, -1]]}"),
                     step("convolve: {conventions: {padding: same-upper, strides: 2}}"),
                     step("convolve: {conventions: {padding: [1, [0, 2]]}, activation: 'leaky-relu:slope=0.2'}"),
                     step("analyze_layer: {pooling: {kind: max, input_shape: [B, 8], symbolic_strides: s}}"),
                     step("analyze_model: {model: net.onnx}"),
                     "{questions: [{data: {X: {type: int8, shape: [2], values: [1, 2]}, Y: {file: y.npy}}}]}"):
            with self.subTest(text=text):
                self.assertEqual([], errors_of(text))

    def test_what_is_wrong(self):
        for text in ("[]", "{idd: a}", part("intger: "), part("integer: , number: "), part("element: {condition: largst}"),
                     part("points: x"), part("tensor: {slakc: 1}"), step("convolve: {input: [[a]]}"),
                     step("pool: {kind: maximum}"), step("convolve: , pool: "), "{questions: [{data: {X: {file: a, tensor: 1}}}]}",
                     step("convolve: {conventions: {padding: [[1, 2, 3]]}}"), "{questions: [{data: {X: word}}]}"):
            with self.subTest(text=text):
                self.assertNotEqual([], errors_of(text))


if __name__ == "__main__":
    unittest.main()
