"""The schema of models that people write: it is one, the examples obey it, and what is wrong does not."""

import json
import pathlib
import unittest

import jsonschema
import yaml

ROOT = pathlib.Path(__file__).resolve().parents[3]
SCHEMA = json.loads((ROOT / "docs" / "model_file.schema.json").read_text(encoding="utf-8"))
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)


def model(layers):
    return {"input": {"shape": ["N", 3, 8, 8]}, "layers": yaml.safe_load(layers)}


class SchemaTest(unittest.TestCase):

    def test_it_is_a_schema(self):
        jsonschema.Draft202012Validator.check_schema(SCHEMA)

    def test_the_examples_obey_it(self):
        examples = sorted((ROOT / "examples" / "models").glob("*.yaml"))
        self.assertGreaterEqual(len(examples), 7)
        for path in examples:
            with self.subTest(path=path.name):
                errors = list(VALIDATOR.iter_errors(yaml.safe_load(path.read_text(encoding="utf-8"))))
                self.assertEqual([], [error.message for error in errors])

    def test_the_page_s_models_obey_it(self):
        page = (ROOT / "docs" / "model_file.md").read_text(encoding="utf-8")
        blocks = [block.split("```")[0] for block in page.split("```yaml\n")[1:]]
        self.assertGreaterEqual(len(blocks), 3)
        for block in blocks:
            with self.subTest(block=block[:40]):
                self.assertEqual([], [error.message for error in VALIDATOR.iter_errors(yaml.safe_load(block))])

    def test_what_is_right(self):
        for layers in ("[relu]", "[{relu: , name: a}, {add: , from: [a, input]}]", "[{conv: {filters: 4, kernel: [3, 5]}}]",
                       "[{max-pool: 2}, {pad: [[1, 2], 3]}, {dense: 10}, {softmax: 1}, {dropout: 0.5}]",
                       "[{repeat: {times: 2, layers: [tanh]}}, {residual: {layers: [tanh], shortcut: []}}]",
                       "[{prelu: , name: a}, {prelu: , parameters-of: a}, {repeat: {times: 2, shared: true, layers: [tanh]}}]",
                       "[{max-pool: {window: 2, padding: [[1, 0], 0], rounding: start-inside}}]",
                       "[{branches: [[relu], []]}, {onnx: {operator: Foo, attributes: {a: [1, 2.5]}}}]"):
            with self.subTest(layers=layers):
                self.assertTrue(VALIDATOR.is_valid(model(layers)))

    def test_what_is_wrong(self):
        for layers in ("[convv]", "[conv]", "[{conv: {filters: 4}}]", "[{conv: {filters: 0, kernel: 3}}]", "[{name: a}]",
                       "[{conv: {filters: 4, kernel: x}}]", "[{conv: {filters: 4, kernel: 3, pads: 1}}]", "{}",
                       "[{relu: , tanh: }]", "[{relu: 3}]", "[{max-pool: {window: 2, padding: full}}]",
                       "[{prelu: , parameters-of: [a]}]", "[{repeat: {times: 2, shared: 1, layers: [tanh]}}]",
                       "[{residual: {layers: [tanh]}, parameters-of: a}]", "[{max-pool: {window: 2, rounding: inside}}]",
                       "[{repeat: {layers: [tanh]}}]", "[{branches: [relu]}]"):
            with self.subTest(layers=layers):
                self.assertFalse(VALIDATOR.is_valid(model(layers)))
        self.assertFalse(VALIDATOR.is_valid({"layers": ["relu"]}))
        self.assertFalse(VALIDATOR.is_valid({**model("[relu]"), "inputs": {"a": [1, 2]}}))
        self.assertFalse(VALIDATOR.is_valid({**model("[relu]"), "layer": []}))


if __name__ == "__main__":
    unittest.main()
