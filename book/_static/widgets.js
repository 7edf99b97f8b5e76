// What the figures share that readers steer.
const widgets = {
  // Run a function on each place of a kind, with what Python wrote for it; its table for readers without scripts goes.
  each(kind, run) {
    document.addEventListener("DOMContentLoaded", () => {
      for (const root of document.querySelectorAll(`.${kind}`)) {
        run(root, JSON.parse(root.querySelector("script").textContent));
        const table = root.closest(".steered")?.nextElementSibling;
        if (table?.classList.contains("unsteered")) table.classList.add("on-paper");
      }
    });
  },

  element(parent, name, attributes = {}, text = "") {
    const inSvg = name === "svg" || parent instanceof SVGElement;
    const made = inSvg ? document.createElementNS("http://www.w3.org/2000/svg", name) : document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.textContent = text;
    return parent.appendChild(made);
  },

  // A field with its label; `unit` stands behind it.
  field(parent, id, label, attributes, changed, unit = "") {
    const pair = widgets.element(parent, "span", { class: "field" });
    widgets.element(pair, "label", { for: id }, label);
    const both = widgets.element(pair, "span");
    const input = widgets.element(both, "input", { id, ...attributes });
    both.append(unit && ` ${unit}`);
    input.addEventListener("input", changed);
    return input;
  },

  menu(parent, id, label, options, changed) {
    const pair = widgets.element(parent, "span", { class: "field" });
    widgets.element(pair, "label", { for: id }, label);
    const select = widgets.element(pair, "select", { id });
    for (const [value, text] of options) select.add(new Option(text, value));
    select.addEventListener("change", changed);
    return select;
  },

  table(parent, head, rows) {
    const frame = widgets.element(parent, "div", { class: "widget-table" });
    const table = widgets.element(frame, "table", { class: "table" });
    const top = widgets.element(widgets.element(table, "thead"), "tr");
    for (const text of head) widgets.element(top, "th", { scope: "col" }, text);
    const body = widgets.element(table, "tbody");
    for (const cells of rows) {
      const row = widgets.element(body, "tr");
      for (const cell of cells) {
        const made = widgets.element(row, "td");
        if (cell instanceof Node) made.append(cell);
        else made.textContent = cell;
      }
    }
    // what is wider than the page scrolls, which the keyboard must reach
    if (frame.scrollWidth > frame.clientWidth) {
      for (const [name, value] of [["tabindex", 0], ["role", "region"], ["aria-label", `${head[0]}: scrolls sideways`]]) frame.setAttribute(name, value);
    }
    return frame;
  },

  // Round numbers between two ends, about so many.
  steps(low, high, count) {
    const rough = (high - low) / count;
    const power = 10 ** Math.floor(Math.log10(rough));
    const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= rough);
    const found = [];
    for (let value = Math.ceil(low / step - 1e-9) * step; value <= high + step * 1e-9; value += step) found.push(value);
    return found;
  },

  number: (value, digits = 3) => (value === 0 ? "0" : (+value.toPrecision(digits)).toLocaleString("en", { maximumFractionDigits: 20 })),
  percent: (value, digits = 3) => `${widgets.number(100 * value, digits)}\u00a0%`,
  points: (value) => `${value < 0 ? "-" : "+"}${Math.abs(100 * value).toFixed(1)}`,
};
