#!/usr/bin/env python3
"""Opens the pages that `tensorctl analyze model --format html` makes, in Chromium, from a file and without a network.

    model_page_test.py --tensorctl PROGRAM --models FOLDER

Needs chromium: scripts/install-deps browser.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from browser import Browser

OPTIONS = argparse.Namespace()
ROWS = "[...document.querySelectorAll('#layers tbody tr')].filter((row) => !row.hidden)"


def with_fields(page):
    """The page with a receptive field in every layer that has a map: what is drawn does not depend on the engine."""
    begin = page.index('id="model">') + len('id="model">')
    end = page.index("</script>", begin)
    model = json.loads(page[begin:end])
    for layer in model["layers"]:
        shape = layer["output_shape"]
        layer["receptive_fields"] = []
        if len(shape) != 4:
            continue
        stride = 224 // shape[2]
        axes = [{"axis": axis, "output_axis": axis, "size": 5 * stride, "is_whole": False,
                 "stride": {"numerator": stride, "denominator": 1}, "offset": {"numerator": -2 * stride, "denominator": 1},
                 "begin_border_count": 2, "end_border_count": 2} for axis in (2, 3)]
        layer["receptive_fields"].append({"input": "input", "axes": axes})
    return page[:begin] + json.dumps(model) + page[end:]


class PageCase(unittest.TestCase):
    model = None

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.path = Path(cls.folder.name) / "page.html"
        truth = json.loads((OPTIONS.models / "truth.json").read_text(encoding="utf-8"))
        cls.truth = truth[cls.model]
        arguments = [OPTIONS.tensorctl, "analyze", "model", OPTIONS.models / f"{cls.model}.onnx"]
        subprocess.run([*arguments, "--format", "html", "--out", cls.path], check=True, timeout=300)
        answer = subprocess.run([*arguments, "--format", "json"], check=True, timeout=300, capture_output=True)
        cls.answer = json.loads(answer.stdout)
        cls.browser = Browser()

    @classmethod
    def tearDownClass(cls):
        cls.browser.close()
        cls.folder.cleanup()

    def setUp(self):
        self.browser.open(self.path.as_uri())

    def tearDown(self):
        self.assertEqual([], self.browser.complaints())
        self.assertEqual([], [url for url in self.browser.requests() if not url.startswith("file://")])

    def names(self):
        """Of the layers that are shown, from top to bottom."""
        return self.browser.run(f"{ROWS}.map((row) => row.cells[0].querySelector('button').dataset.name)")

    def numbers(self, column):
        texts = self.browser.run(f"{ROWS}.map((row) => row.cells[{column}].textContent)")
        return [int(text.replace(",", "")) for text in texts]

    def sorts(self):
        return self.browser.run("[...document.querySelectorAll('#layers thead th')].map((head) => head.ariaSort)")

    def count(self, selector):
        return self.browser.run(f"document.querySelectorAll({json.dumps(selector)}).length")

    def text(self, selector):
        return self.browser.run(f"document.querySelector({json.dumps(selector)}).textContent")


class Pages:
    """The tests, for each of the models."""

    def test_totals_are_the_truth(self):
        self.assertEqual(f"{self.truth['parameters']:,}", self.text("#total-parameter_count"))
        self.assertEqual(f"{self.truth['macs']:,}", self.text("#total-mac_count"))

    def test_layers_are_those_of_the_model_in_their_modules(self):
        layers = self.browser.run("document.querySelectorAll('#layers tr.layer').length")
        self.assertEqual(len(self.answer["layers"]), layers)
        self.assertEqual(f"{layers} layers", self.text("#found"))
        # Each module's sum is that of the layers that name it as their module, or as one around it.
        wrong = self.browser.run("""(() => {
            const number = (row) => Number(row.cells[4].textContent.replaceAll(',', ''));
            const rows = [...document.querySelectorAll('#layers tbody tr')];
            const inside = (row, module) => {
                for (let id = row.dataset.parent; id; id = document.getElementById(id).dataset.parent) {
                    if (id === module.id) return true;
                }
                return false;
            };
            return rows.filter((row) => row.classList.contains('module')).filter((module) =>
                rows.filter((row) => row.classList.contains('layer') && inside(row, module))
                    .reduce((sum, row) => sum + number(row), 0) !== number(module)).map((row) => row.id);
        })()""")
        self.assertEqual([], wrong)

    def test_a_click_sorts(self):
        expected = [layer["parameter_count"] for layer in self.answer["layers"]]
        before = self.names()
        head = "#layers thead th:nth-child(4) button"
        self.browser.click(head)
        self.assertEqual(sorted(expected, reverse=True), self.numbers(3))
        self.assertEqual("descending", self.sorts()[3])
        self.browser.click(head)
        self.assertEqual(sorted(expected), self.numbers(3))
        self.assertEqual("ascending", self.sorts()[3])
        self.browser.click("#layers thead th:nth-child(2) button")
        operators = self.browser.run(f"{ROWS}.map((row) => row.cells[1].textContent)")
        self.assertEqual(sorted(layer["operator"] for layer in self.answer["layers"]), operators)
        self.assertEqual(["none", "ascending", "none", "none", "none"], self.sorts()[:5])
        for _ in range(2):
            self.browser.click("#layers thead th:nth-child(2) button")
        self.assertEqual(before, self.names())
        self.assertEqual({"none"}, set(self.sorts()))

    def test_keys_do_what_clicks_do(self):
        self.browser.run("document.querySelector('#layers thead th:nth-child(5) button').focus()")
        self.browser.press("Enter", "\r")
        self.assertEqual("descending", self.sorts()[4])
        expected = sorted((layer["mac_count"] for layer in self.answer["layers"]), reverse=True)
        self.assertEqual(expected, self.numbers(4))
        self.browser.run("document.querySelectorAll('#graph .node')[2].focus()")
        self.browser.press("Enter", "\r")
        self.assertEqual(self.answer["layers"][2]["name"], self.text("#chosen-name"))

    def test_search_and_folding(self):
        self.browser.run("search.focus()")
        tenth = self.answer["layers"][10]
        words = [tenth["operator"].upper(), tenth["name"].split("/")[2]]
        self.browser.command("Input.insertText", text=" ".join(words))
        expected = [layer["name"] for layer in self.answer["layers"]
                    if all(word.lower() in f"{layer['name']} {layer['operator']}".lower() for word in words)]
        self.assertIn(tenth["name"], expected)
        self.assertEqual(expected, self.browser.run(
            f"{ROWS}.filter((row) => row.dataset.layer).map((row) => row.cells[0].querySelector('button').dataset.name)"))
        self.browser.run("search.value = ''")
        self.browser.command("Input.insertText", text="gemm")
        self.assertTrue(any(name.endswith("Gemm") for name in self.names()))
        self.assertEqual(f"1 of {len(self.answer['layers'])} layers", self.text("#found"))
        self.browser.run("search.value = ''; showRows()")
        self.browser.click("#fold")
        depths = self.browser.run(f"{ROWS}.map((row) => row.dataset.depth)")
        self.assertEqual({"0"}, set(depths))
        self.browser.click("#layers tr.module button")
        unfolded = self.browser.run(f"{ROWS}.map((row) => row.dataset.depth)")
        self.assertIn("1", unfolded)
        self.assertEqual("true", self.browser.run("document.querySelector('#layers tr.module button').ariaExpanded"))
        self.browser.click("#unfold")
        self.assertEqual(self.count("#layers tbody tr"), self.browser.run(f"{ROWS}.length"))

    def test_graph_and_table_choose_the_same_layer(self):
        self.assertEqual(len(self.answer["layers"]), self.count("#graph .node"))
        # An edge for every pair of layers of which one takes what the other gives.
        giver = {tensor["name"]: i for i, layer in enumerate(self.answer["layers"]) for tensor in layer["outputs"]}
        edges = {(giver[tensor["name"]], i) for i, layer in enumerate(self.answer["layers"])
                 for tensor in layer["inputs"] if tensor["name"] in giver}
        self.assertEqual(len(edges), self.count("#graph .edge"))
        # No box lies over another one, and what comes later lies below.
        boxes = self.browser.run("""[...document.querySelectorAll('#graph .node')].map((node) => [
            Number(node.dataset.layers), ...node.getAttribute('transform').match(/-?[0-9.]+/g).map(Number)])""")
        place = {layer: (x, y) for layer, x, y in boxes}
        self.assertEqual([], [edge for edge in edges if place[edge[0]][1] >= place[edge[1]][1]])
        rows = {}
        for x, y in place.values():
            rows.setdefault(y, []).append(x)
        for row in rows.values():
            row.sort()
            self.assertEqual([], [pair for pair in zip(row, row[1:]) if pair[1] - pair[0] < 132])
        self.browser.click("#graph .node:nth-of-type(4)")
        chosen = "[...document.querySelectorAll('#layers tr.chosen')].map((row) => Number(row.dataset.layer))"
        from_graph = self.browser.run(chosen)
        self.assertEqual(1, len(from_graph))
        self.assertEqual(self.answer["layers"][from_graph[0]]["name"], self.text("#chosen-name"))
        self.browser.click("#layer-5 button")
        self.assertEqual([5], self.browser.run(chosen))
        marked = self.browser.run("[...document.querySelectorAll('#graph .node.chosen')].map((n) => n.dataset.layers)")
        self.assertEqual(["5"], marked)

    def test_what_a_layer_sees_is_drawn_to_scale(self):
        page = self.path.read_text(encoding="utf-8")
        path = Path(self.folder.name) / "fields.html"
        path.write_text(with_fields(page), encoding="utf-8")
        self.browser.open(path.as_uri())
        number = next(i for i, layer in enumerate(self.answer["layers"]) if (layer["output_shape"] or [])[-1:] == [7])
        self.browser.click(f"#layer-{number} button")
        boxes = self.browser.run("""Object.fromEntries(['input', 'seen', 'reach'].map((name) => {
            const box = document.querySelector(`#field .${name}`).getBBox();
            return [name, [box.x, box.y, box.width, box.height]];
        }))""")
        scale = boxes["input"][2] / 224
        # Seven positions 32 apart, each 160 wide, from -64: the middle one begins at 32, all reach from -64 to 288.
        for axis in (0, 1):
            zero = boxes["input"][axis]
            self.assertAlmostEqual(32, (boxes["seen"][axis] - zero) / scale, places=3)
            self.assertAlmostEqual(160, boxes["seen"][axis + 2] / scale, places=3)
            self.assertAlmostEqual(-64, (boxes["reach"][axis] - zero) / scale, places=3)
            self.assertAlmostEqual(352, boxes["reach"][axis + 2] / scale, places=3)
        self.assertEqual(14, self.count("#field .grid"))
        self.assertIn("axis 2: 160 wide, 32 apart, the first begins at -64; 2 and 2", self.text("#field"))

    def test_contrast_in_both_schemes(self):
        for scheme in ("light", "dark"):
            self.browser.use_scheme(scheme)
            for text in ("text", "soft", "accent"):
                for back in ("back", "panel", "chosen"):
                    with self.subTest(scheme=scheme, text=text, back=back):
                        self.assertGreaterEqual(contrast(*self.colours(text, back)), 4.5)
            light = luminance(self.colours("back")[0])
            self.assertEqual(scheme == "light", light > 0.5)

    def colours(self, *names):
        """As red, green and blue, from the style that holds."""
        style = "getComputedStyle(document.documentElement)"
        texts = [self.browser.run(f"{style}.getPropertyValue('--{name}').trim()") for name in names]
        return [tuple(int(text[i:i + 2], 16) for i in (1, 3, 5)) for text in texts]

    def test_semantics(self):
        self.assertEqual("en", self.browser.run("document.documentElement.lang"))
        self.assertEqual(self.answer["name"], self.browser.run("document.title"))
        self.assertEqual(0, self.count("th:not([scope])"))
        self.assertEqual(0, self.count("#graph .node:not([aria-label])"))
        repeated = self.browser.run("""(() => {
            const ids = [...document.querySelectorAll('[id]')].map((element) => element.id);
            return ids.length - new Set(ids).size;
        })()""")
        self.assertEqual(0, repeated)


def luminance(colour):
    """Source: https://www.w3.org/TR/WCAG21/#dfn-relative-luminance"""
    parts = [part / 255 for part in colour]
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    """Source: https://www.w3.org/TR/WCAG21/#dfn-contrast-ratio"""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


class ResNet18(Pages, PageCase):
    model = "resnet18"


class MobileNetV2(Pages, PageCase):
    model = "mobilenet_v2"


class LargeGraphs(unittest.TestCase):
    """Above 400 layers, modules are drawn; without modules, none."""

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.browser = Browser()

    @classmethod
    def tearDownClass(cls):
        cls.browser.close()
        cls.folder.cleanup()

    def open(self, layers):
        """The answer about a network of so many layers, whose page is open then."""
        path = Path(self.folder.name) / "net.json"
        path.write_text(json.dumps({"input": ["N", 8, 6, 6], "layers": layers}), encoding="utf-8")
        page = path.with_suffix(".html")
        arguments = [OPTIONS.tensorctl, "analyze", "model", path]
        subprocess.run([*arguments, "--format", "html", "--out", page], check=True, timeout=300)
        answer = subprocess.run([*arguments, "--format", "json"], check=True, timeout=300, capture_output=True)
        self.browser.open(page.as_uri())
        return json.loads(answer.stdout)["layers"]

    def tearDown(self):
        self.assertEqual([], self.browser.complaints())

    def nodes(self):
        """The layers of each node that is drawn."""
        texts = self.browser.run("[...document.querySelectorAll('#graph .node')].map((node) => node.dataset.layers)")
        return [[int(number) for number in text.split()] for text in texts]

    def chosen(self, selector, key):
        return self.browser.run(f"[...document.querySelectorAll({json.dumps(selector)})].map((e) => e.dataset.{key})")

    def test_modules_are_drawn(self):
        block = [{"conv": {"filters": 8, "kernel": 3, "padding": 1}}, "relu"] * 4
        layers = self.open([{"repeat": {"times": 45, "layers": [{"residual": {"layers": block}}, "relu"]}, "name": "stage"}])
        self.assertEqual(450, len(layers))
        self.assertEqual(450, self.browser.run("document.querySelectorAll('#layers tr.layer').length"))
        self.assertIn("Layers of a module are drawn as one.", self.browser.run("graph.textContent"))
        # Of each block one module, of nine layers, and the layer behind it; each layer is in one node.
        nodes = self.nodes()
        self.assertEqual([9, 1] * 45, [len(node) for node in nodes])
        self.assertEqual(list(range(450)), [number for node in nodes for number in node])
        self.assertEqual("module residual1, 9 layers", self.browser.run("document.querySelector('#graph .node').ariaLabel"))
        # A chain of 90; what is between layers of one module is not drawn.
        self.assertEqual(89, self.browser.run("document.querySelectorAll('#graph .edge').length"))
        heights = self.browser.run("""[...document.querySelectorAll('#graph .node')].map((node) =>
            Number(node.getAttribute('transform').match(/-?[0-9.]+/g)[1]))""")
        self.assertEqual(sorted(set(heights)), heights)
        # The tenth block's fifth layer marks its module; the module chooses its first layer.
        self.browser.click("#layer-95 button")
        self.assertEqual([" ".join(str(number) for number in range(90, 99))], self.chosen("#graph .node.chosen", "layers"))
        self.assertEqual(layers[95]["name"], self.browser.run("document.querySelector('#chosen-name').textContent"))
        self.browser.click("#graph .node:nth-of-type(3)")
        self.assertEqual(["10"], self.chosen("#layers tr.chosen", "layer"))
        self.assertEqual(layers[10]["name"], self.browser.run("document.querySelector('#chosen-name').textContent"))

    def test_as_many_layers_as_are_drawn(self):
        self.open(["relu"] * 400)
        self.assertEqual([[number] for number in range(400)], self.nodes())
        self.assertNotIn("drawn as one", self.browser.run("graph.textContent"))

    def test_too_many_without_modules(self):
        layers = self.open(["relu"] * 401)
        self.assertEqual([], self.nodes())
        self.assertEqual("Too many layers, and modules, to be drawn.", self.browser.run("graph.textContent.trim()"))
        # The rest works.
        self.browser.click("#layer-400 button")
        self.assertEqual(["400"], self.chosen("#layers tr.chosen", "layer"))
        self.assertEqual(layers[400]["name"], self.browser.run("document.querySelector('#chosen-name').textContent"))


class TheBrowserItself(unittest.TestCase):
    """What the tests above rely on: that complaints and requests are seen."""

    def test_sees_complaints_and_requests(self):
        with tempfile.TemporaryDirectory() as folder, Browser() as browser:
            path = Path(folder) / "bad.html"
            path.write_text("<!DOCTYPE html><img src='http://example.invalid/x.png'><script>console.error('a'); b();"
                            "</script>", encoding="utf-8")
            browser.open(path.as_uri())
            complaints = " ".join(browser.complaints())
            self.assertIn('"a"', complaints)
            self.assertIn("b is not defined", complaints)
            self.assertIn("http://example.invalid/x.png", browser.requests())


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--tensorctl", required=True)
    parser.add_argument("--models", required=True, type=Path)
    OPTIONS, rest = parser.parse_known_args()
    unittest.main(argv=[sys.argv[0], *rest])
