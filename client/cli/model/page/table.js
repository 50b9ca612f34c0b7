// The table of layers: sorting, searching, folding modules.
'use strict';

const layersTable = document.getElementById('layers');
const layerBody = layersTable.tBodies[0];
const treeOrder = [...layerBody.rows];
const rowOfId = new Map(treeOrder.map((row) => [row.id, row]));
const columnHeads = [...layersTable.tHead.rows[0].cells];
const search = document.getElementById('search');
const found = document.getElementById('found');
const folded = new Set();
let sorting = { column: -1, direction: 'none' };

function labelOf(row) {
  return row.cells[0].querySelector('button');
}

function isFoldedAway(row) {
  for (let parent = row.dataset.parent; parent; parent = rowOfId.get(parent).dataset.parent) {
    if (folded.has(parent)) return true;
  }
  return false;
}

// What matches the words that are searched for, and the modules around it.
function matchingRows() {
  const words = search.value.toLowerCase().split(/\s+/).filter((word) => word !== '');
  const matching = new Set();
  for (const row of treeOrder) {
    if (!row.dataset.layer) continue;
    const text = `${labelOf(row).dataset.name} ${row.cells[1].textContent}`.toLowerCase();
    if (!words.every((word) => text.includes(word))) continue;
    for (let place = row; place && !matching.has(place); place = rowOfId.get(place.dataset.parent)) matching.add(place);
  }
  return { matching, isSearch: words.length > 0 };
}

// Hides and shows rows as search, folding and sorting have it.
function showRows() {
  const { matching, isSearch } = matchingRows();
  const isSorted = sorting.column >= 0;
  let count = 0;
  let layers = 0;
  for (const row of treeOrder) {
    const isLayer = row.dataset.layer !== undefined;
    const isShown = matching.has(row) && (isSorted ? isLayer : isSearch || !isFoldedAway(row));
    row.hidden = !isShown;
    if (isLayer) ++layers;
    if (isLayer && matching.has(row)) ++count;
    const label = labelOf(row);
    if (isLayer) label.textContent = isSorted ? label.dataset.name : label.dataset.label;
  }
  found.textContent = isSearch ? `${count} of ${layers} layers` : `${layers} layers`;
}

function valueOf(row, column) {
  const cell = row.cells[column];
  return cell.dataset.value === undefined ? cell.textContent : Number(cell.dataset.value);
}

// In the order of the layers where the column is -1.
function sortRows(column, direction) {
  sorting = { column, direction };
  columnHeads.forEach((head, i) => head.setAttribute('aria-sort', i === column ? direction : 'none'));
  layersTable.classList.toggle('flat', column >= 0);
  const rows = [...treeOrder];
  if (column >= 0) {
    const sign = direction === 'ascending' ? 1 : -1;
    const keys = new Map(rows.map((row) => [row, column === 0 ? labelOf(row).dataset.name || '' : valueOf(row, column)]));
    rows.sort((a, b) => {
      const x = keys.get(a);
      const y = keys.get(b);
      if (typeof x === 'number' && typeof y === 'number') return sign * (x - y);
      return sign * String(x).localeCompare(String(y), undefined, { numeric: true });
    });
  }
  layerBody.append(...rows);
  showRows();
}

// Numbers begin with the largest, words with the first; the third click is the order of the layers again.
function sortByClick(column) {
  const order = columnHeads[column].classList.contains('n') ? ['descending', 'ascending'] : ['ascending', 'descending'];
  const at = sorting.column === column ? order.indexOf(sorting.direction) + 1 : 0;
  if (at < order.length) {
    sortRows(column, order[at]);
  } else {
    sortRows(-1, 'none');
  }
}

function fold(row, isFolded) {
  if (isFolded) {
    folded.add(row.id);
  } else {
    folded.delete(row.id);
  }
  labelOf(row).setAttribute('aria-expanded', String(!isFolded));
}

function foldAll(isFolded) {
  for (const row of treeOrder) {
    if (row.classList.contains('module')) fold(row, isFolded);
  }
  sortRows(-1, 'none');
}

function setUpTable(choose) {
  columnHeads.forEach((head, column) => head.querySelector('button').addEventListener('click', () => sortByClick(column)));
  search.addEventListener('input', showRows);
  document.getElementById('fold').addEventListener('click', () => foldAll(true));
  document.getElementById('unfold').addEventListener('click', () => foldAll(false));
  layerBody.addEventListener('click', (event) => {
    const row = event.target.closest('tr');
    if (row.classList.contains('module')) {
      fold(row, !folded.has(row.id));
      showRows();
    } else {
      choose(Number(row.dataset.layer), 'table');
    }
  });
  showRows();
}

// Marks the row of a layer, unfolding what is around it; scrolls to it where it was chosen elsewhere.
function markRow(layer, isElsewhere) {
  for (const row of layerBody.querySelectorAll('tr.chosen')) {
    row.classList.remove('chosen');
    row.removeAttribute('aria-current');
  }
  const row = rowOfId.get(`layer-${layer}`);
  if (!row) return;
  row.classList.add('chosen');
  row.setAttribute('aria-current', 'true');
  if (!isElsewhere) return;
  for (let parent = row.dataset.parent; parent; parent = rowOfId.get(parent).dataset.parent) fold(rowOfId.get(parent), false);
  showRows();
  row.scrollIntoView({ block: 'nearest' });
}
