// Elements without any HTML in strings: names are text, and stay it.
'use strict';

function svgElement(name, attributes, text) {
  const element = document.createElementNS('http://www.w3.org/2000/svg', name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  if (text !== undefined) element.textContent = text;
  return element;
}

function htmlElement(name, className, text) {
  const element = document.createElement(name);
  if (className) element.className = className;
  if (text !== undefined) element.textContent = text;
  return element;
}

// `1,234`; what is no number as it is.
function countText(value) {
  if (value === null || value === undefined) return '?';
  return /^-?\d+$/.test(String(value)) ? String(value).replace(/\B(?=(\d{3})+$)/g, ',') : String(value);
}

function shapeText(shape) {
  if (!shape) return '?';
  return shape.length === 0 ? 'scalar' : shape.join(' × ');
}
