// Puts the parts together: one layer is chosen, in the table, in the graph and in the panel.
'use strict';

const model = JSON.parse(document.getElementById('model').textContent);

function addFact(list, name, value) {
  list.append(htmlElement('dt', '', name), htmlElement('dd', '', value));
}

function addCounts(list, layer) {
  const names = [
    ['parameters', 'parameter_count'], ['buffers', 'buffer_count'], ['MACs', 'mac_count'], ['FLOPs', 'flop_count'],
    ['multiplications', 'multiplication_count'], ['additions', 'addition_count'], ['comparisons', 'comparison_count'],
    ['divisions', 'division_count'], ['special functions', 'special_function_count'], ['MACs with padding', 'padding_mac_count'],
  ];
  for (const [name, key] of names) {
    if (layer[key] !== null && layer[key] !== 0) addFact(list, name, countText(layer[key]));
  }
  const memory = layer.memory || {};
  const bytes = [
    ['reads', 'read_byte_count'], ['writes', 'written_byte_count'], ['alive meanwhile', 'live_byte_count'],
    ['kept for training', 'training_byte_count'],
  ];
  for (const [name, key] of bytes) {
    if (memory[key] !== undefined) addFact(list, name, `${countText(memory[key])} bytes`);
  }
  const gradients = [['MACs of its input’s gradient', 'input_gradient'], ['MACs of its parameters’ gradient', 'parameter_gradient']];
  for (const [name, key] of gradients) {
    const counts = layer.backward && layer.backward[key];
    if (counts && counts.mac_count) addFact(list, name, countText(counts.mac_count));
  }
  if (layer.roofline && layer.roofline.arithmetic_intensity !== undefined) {
    addFact(list, 'operations a byte', layer.roofline.arithmetic_intensity.toPrecision(3));
  }
}

function describe(number) {
  const layer = model.layers[number];
  document.getElementById('chosen-name').textContent = labelOf(rowOfId.get(`layer-${number}`)).dataset.name;
  const facts = document.getElementById('facts');
  facts.replaceChildren();
  addFact(facts, 'operator', layer.operator);
  for (const tensor of layer.inputs) addFact(facts, 'takes', shapeText(tensor.shape));
  for (const tensor of layer.outputs) addFact(facts, 'gives', shapeText(tensor.shape));
  addCounts(facts, layer);
}

// `place` is where: a click in the table need not move the table.
function choose(number, place) {
  const layer = model.layers[number];
  if (!layer) return;
  describe(number);
  drawField(layer);
  markRow(number, place !== 'table');
  markNode(number, place !== 'graph');
}

setUpTable(choose);
drawGraph(choose);

// To begin with, the last layer that sees a part of the input only: its field is what people ask about.
function firstChoice() {
  const seesPart = (layer) => layer.receptive_fields.some((field) => (field.axes || []).some((axis) => !axis.is_whole));
  for (let i = model.layers.length - 1; i >= 0; --i) {
    if (seesPart(model.layers[i])) return i;
  }
  return 0;
}
if (model.layers.length > 0) {
  const first = firstChoice();
  describe(first);
  drawField(model.layers[first]);
  markRow(first, false);
  markNode(first, true);
}
