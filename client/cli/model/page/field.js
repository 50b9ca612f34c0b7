// What a layer's middle position sees of the input, to scale.
'use strict';

const kFieldSize = 200;
const kMaxGridLines = 64;

function isNumber(value) {
  return typeof value === 'number' && Number.isFinite(value);
}

function ratio(value) {
  return value ? value.numerator / value.denominator : 0;
}

// One axis of the drawing: the input's length, the field of the middle position, what all positions reach; null where
// a symbol is left.
function fieldAxis(axis, inputShape, outputShape) {
  const length = inputShape && inputShape[axis.axis];
  if (!isNumber(length) || length < 1) return null;
  if (axis.is_whole) return { length, begin: 0, size: length, low: 0, high: length, stride: 0, lines: [] };
  const count = outputShape && outputShape[axis.output_axis];
  if (!isNumber(count) || count < 1 || !isNumber(axis.size)) return null;
  const stride = ratio(axis.stride);
  const offset = ratio(axis.offset);
  const middle = Math.floor(count / 2);
  const lines = [];
  for (let i = 0; i < count && count <= kMaxGridLines; ++i) lines.push(offset + stride * i + axis.size / 2);
  return {
    length, stride, lines, size: axis.size, begin: offset + stride * middle,
    low: offset, high: offset + stride * (count - 1) + axis.size,
  };
}

function fieldDrawing(across, down) {
  const box = (axis) => {
    const low = Math.min(0, axis.low, axis.begin);
    return { low, extent: Math.max(axis.length, axis.high, axis.begin + axis.size) - low };
  };
  const [h, v] = [box(across), box(down)];
  const scale = kFieldSize / Math.max(h.extent, v.extent);
  const [width, height] = [h.extent * scale, Math.max(v.extent * scale, 4)];
  const svg = svgElement('svg', { viewBox: `-2 -2 ${width + 4} ${height + 4}`, width: width + 4, height: height + 4, role: 'img' });
  const x = (value) => (value - h.low) * scale;
  const y = (value) => (value - v.low) * scale;
  const rectangle = (name, left, top, w, t) =>
    svgElement('rect', { class: name, x: x(left), y: y(top), width: w * scale, height: Math.max(t * scale, 2) });
  svg.append(rectangle('input', 0, 0, across.length, down.length));
  for (const line of across.lines) svg.append(svgElement('line', { class: 'grid', x1: x(line), x2: x(line), y1: y(0), y2: y(down.length) }));
  for (const line of down.lines) svg.append(svgElement('line', { class: 'grid', y1: y(line), y2: y(line), x1: x(0), x2: x(across.length) }));
  svg.append(rectangle('reach', across.low, down.low, across.high - across.low, down.high - down.low));
  svg.append(rectangle('seen', across.begin, down.begin, across.size, down.size));
  return svg;
}

function axisText(axis) {
  if (axis.is_whole) return `axis ${axis.axis}: all of it, ${countText(axis.size)}`;
  const value = (part) => !part ? '0'
    : part.denominator === 1 ? countText(part.numerator) : `${countText(part.numerator)}/${countText(part.denominator)}`;
  let text = `axis ${axis.axis}: ${countText(axis.size)} wide, ${value(axis.stride)} apart, the first begins at ${value(axis.offset)}`;
  if (isNumber(axis.begin_border_count) && isNumber(axis.end_border_count) && axis.begin_border_count + axis.end_border_count > 0) {
    text += `; ${axis.begin_border_count} and ${axis.end_border_count} positions see padding`;
  }
  return text;
}

// Of one input; the drawing has the last two of its axes that are known.
function fieldElement(field, layer) {
  const section = htmlElement('div');
  section.append(htmlElement('p', '', `What a position sees of ${field.input}`));
  const input = model.inputs.find((tensor) => tensor.name === field.input);
  const axes = field.axes.map((axis) => fieldAxis(axis, input && input.shape, layer.output_shape));
  const drawn = axes.slice(-2);
  if (drawn.length > 0 && drawn.every((axis) => axis !== null)) {
    const line = { length: 1, begin: 0, size: 1, low: 0, high: 1, stride: 0, lines: [] };
    const svg = drawn.length === 2 ? fieldDrawing(drawn[1], drawn[0]) : fieldDrawing(drawn[0], line);
    svg.setAttribute('aria-label', field.axes.map(axisText).join('; '));
    section.append(svg);
    section.append(htmlElement('p', 'soft', 'The middle position’s field in colour, the input outlined, what all positions reach dashed' +
      (drawn.some((axis) => axis.lines.length > 0) ? ', their middles as a grid.' : '.')));
  } else {
    section.append(htmlElement('p', 'soft', 'It is drawn where all sizes are numbers: give symbols a value.'));
  }
  for (const axis of field.axes) section.append(htmlElement('p', '', axisText(axis)));
  return section;
}

function drawField(layer) {
  const panel = document.getElementById('field');
  panel.replaceChildren();
  const fields = layer.receptive_fields.filter((field) => field.axes && field.axes.length > 0);
  for (const field of fields) panel.append(fieldElement(field, layer));
  if (fields.length === 0) panel.append(htmlElement('p', 'soft', 'What it sees of the input is not known.'));
}
