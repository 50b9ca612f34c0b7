// The graph as SVG: a rank for each step, what is computed from the same side by side.
'use strict';

const kMaxNodes = 400;
const kNode = { width: 132, height: 20, gapX: 14, gapY: 16 };

// Nodes of single layers, or of the modules of a depth at which there are few enough; null where there is none.
function graphGroups() {
  const rows = treeOrder;
  for (const depth of [Infinity, 4, 3, 2, 1, 0]) {
    const groupOfRow = new Map();
    const groups = [];
    for (const row of rows) {
      const around = groupOfRow.get(row.dataset.parent);
      const isLayer = row.dataset.layer !== undefined;
      if (around !== undefined) {
        groupOfRow.set(row.id, around);
      } else if (isLayer || Number(row.dataset.depth) >= depth) {
        groupOfRow.set(row.id, groups.length);
        groups.push({ row, layers: [], label: labelOf(row).dataset.label, isModule: !isLayer });
      }
      if (isLayer) groups[groupOfRow.get(row.id)].layers.push(Number(row.dataset.layer));
    }
    if (groups.length <= kMaxNodes) return groups;
  }
  return null;
}

// The edges between groups, each once, by the tensors that their layers give and take.
function graphEdges(groups) {
  const groupOfLayer = new Map();
  groups.forEach((group, i) => group.layers.forEach((layer) => groupOfLayer.set(layer, i)));
  const giver = new Map();
  model.layers.forEach((layer, i) => layer.outputs.forEach((tensor) => giver.set(tensor.name, groupOfLayer.get(i))));
  const edges = new Map();
  model.layers.forEach((layer, i) => {
    for (const tensor of layer.inputs) {
      const from = giver.get(tensor.name);
      const to = groupOfLayer.get(i);
      if (from !== undefined && from !== to) edges.set(`${from} ${to}`, { from, to });
    }
  });
  return [...edges.values()];
}

// The longest way to each group. A module can be before and behind another one: such edges do not count.
function rankGroups(groups, edges) {
  const place = groups.map((group) => Math.min(...group.layers));
  const order = groups.map((_, i) => i).sort((a, b) => place[a] - place[b]);
  const into = groups.map(() => []);
  for (const edge of edges) {
    if (place[edge.from] < place[edge.to]) into[edge.to].push(edge.from);
  }
  const rank = groups.map(() => 0);
  for (const i of order) {
    for (const from of into[i]) rank[i] = Math.max(rank[i], rank[from] + 1);
  }
  return { rank, into, order };
}

// Each group as near as may be to the middle of what it is computed from, and the groups of a rank side by side.
function placeGroups(groups, edges) {
  const { rank, into, order } = rankGroups(groups, edges);
  const ranks = [];
  for (const i of order) (ranks[rank[i]] ||= []).push(i);
  const x = groups.map(() => 0);
  const step = kNode.width + kNode.gapX;
  const hasNext = groups.map(() => 0);
  for (const members of ranks) {
    const wish = new Map(members.map((i) => {
      const from = into[i].filter((k) => rank[k] >= rank[i] - 1);
      const of = from.length > 0 ? from : into[i];
      return [i, of.length > 0 ? of.reduce((sum, k) => sum + x[k], 0) / of.length : 0];
    }));
    members.sort((a, b) => wish.get(a) - wish.get(b) || a - b);
    const middle = members.reduce((sum, i) => sum + wish.get(i), 0) / members.length;
    members.forEach((i, at) => {
      x[i] = members.length === 1 ? middle : middle + (at - (members.length - 1) / 2) * step;
      ++hasNext[i];
    });
  }
  const least = Math.min(...x);
  return groups.map((_, i) => ({ x: x[i] - least, y: rank[i] * (kNode.height + kNode.gapY), rank: rank[i] }));
}

// Whether nothing is in the way straight down from `from` to the rank of `to`.
function isFreeBelow(from, to, places) {
  return !places.some((at) => at.rank > from.rank && at.rank < to.rank && Math.abs(at.x - from.x) < kNode.width);
}

function edgePath(from, to, places) {
  const middle = kNode.width / 2;
  const [x1, y1, x2, y2] = [from.x + middle, from.y + kNode.height, to.x + middle, to.y];
  const span = to.rank - from.rank;
  if (span === 1 || isFreeBelow(from, to, places)) {
    const bend = kNode.gapY / 2;
    return `M${x1} ${y1}V${y2 - 2 * bend}C${x1} ${y2 - bend} ${x2} ${y2 - bend} ${x2} ${y2}`;
  }
  // Past what lies between: along the right side.
  const out = Math.max(x1, x2) + middle + Math.min(8 + 3 * Math.abs(span), 40);
  return `M${x1} ${y1}C${out} ${y1 + 14} ${out} ${y1 + 14} ${out} ${(y1 + y2) / 2}` +
    `S${out} ${y2 - 14} ${x2} ${y2}`;
}

function shortened(text, most) {
  return text.length <= most ? text : `…${text.slice(text.length - most + 1)}`;
}

function nodeElement(group, at, choose) {
  const layer = model.layers[group.layers[0]];
  const hasWeights = group.layers.some((i) => Number(model.layers[i].mac_count) !== 0 && model.layers[i].mac_count !== null);
  const name = group.isModule ? group.label : labelOf(group.row).dataset.name;
  const node = svgElement('g', {
    class: hasWeights ? 'node weights' : 'node',
    transform: `translate(${at.x} ${at.y})`,
    tabindex: '0',
    role: 'button',
    'aria-label': group.isModule ? `module ${name}, ${group.layers.length} layers` : `${layer.operator} ${name}`,
  });
  node.dataset.layers = group.layers.join(' ');
  node.append(svgElement('title', {}, group.isModule ? name : `${name}\n${shapeText(layer.output_shape)}`));
  node.append(svgElement('rect', { width: kNode.width, height: kNode.height, rx: 4 }));
  const text = group.isModule ? `${shortened(group.label, 14)} (${group.layers.length})` : shortened(layer.operator, 20);
  node.append(svgElement('text', { x: kNode.width / 2, y: 14, 'text-anchor': 'middle' }, text));
  const pick = () => choose(group.layers[0], 'graph');
  node.addEventListener('click', pick);
  node.addEventListener('mouseenter', () => group.row.classList.add('hover'));
  node.addEventListener('mouseleave', () => group.row.classList.remove('hover'));
  node.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' && event.key !== ' ') return;
    event.preventDefault();
    pick();
  });
  return node;
}

function drawGraph(choose) {
  const panel = document.getElementById('graph');
  const groups = graphGroups();
  if (groups === null || groups.length === 0) {
    panel.append(htmlElement('p', 'soft', groups === null ? 'Too many layers, and modules, to be drawn.' : 'There are no layers.'));
    return;
  }
  if (groups.length < model.layers.length) panel.append(htmlElement('p', 'soft', 'Layers of a module are drawn as one.'));
  const edges = graphEdges(groups);
  const places = placeGroups(groups, edges);
  const width = Math.max(...places.map((at) => at.x)) + kNode.width + 44;
  const height = Math.max(...places.map((at) => at.y)) + kNode.height;
  const svg = svgElement('svg', { viewBox: `-2 -2 ${width + 4} ${height + 4}`, width, height, role: 'group', 'aria-label': 'The graph' });
  const marker = svgElement('marker', { id: 'tip', viewBox: '0 0 8 8', refX: 8, refY: 4, markerWidth: 6, markerHeight: 6, orient: 'auto' });
  marker.append(svgElement('path', { d: 'M0 0L8 4L0 8Z', class: 'tip' }));
  const definitions = svgElement('defs', {});
  definitions.append(marker);
  svg.append(definitions);
  for (const edge of edges) {
    svg.append(svgElement('path', { class: 'edge', d: edgePath(places[edge.from], places[edge.to], places), 'marker-end': 'url(#tip)' }));
  }
  groups.forEach((group, i) => svg.append(nodeElement(group, places[i], choose)));
  panel.append(svg);
}

function markNode(layer, isElsewhere) {
  const panel = document.getElementById('graph-panel');
  for (const node of panel.querySelectorAll('.node')) {
    const isChosen = node.dataset.layers.split(' ').includes(String(layer));
    node.classList.toggle('chosen', isChosen);
    if (!isChosen || !isElsewhere) continue;
    const at = node.getBoundingClientRect();
    const around = panel.getBoundingClientRect();
    panel.scrollTop += at.top - around.top - around.height / 2;
  }
}
