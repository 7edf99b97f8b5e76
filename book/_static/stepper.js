// What each way of making rows does to a table of two columns, and to what a classifier learns from it: see src/upsampling/book/toy.py.
widgets.each("stepper", (root, { extent, grid, majority, minority, steps, ways, classifiers }) => {
  const { element, menu } = widgets;
  const SIZE = 440;
  const form = element(root, "form", { class: "widget-controls" });
  form.addEventListener("submit", (event) => event.preventDefault());
  const numbers = [...new Set(steps.map((step) => step.minority))];
  const counts = menu(form, `${root.id}-count`, "Real minority rows", numbers.map((count) => [count, count]), draw);
  const classifier = menu(form, `${root.id}-classifier`, "Classifier", classifiers, draw);
  counts.value = numbers[1] ?? numbers[0];
  let way = ways[0][0];
  const buttons = element(root, "div", { class: "explorer-legend", role: "group", "aria-label": "ways to make rows" });
  for (const [name, title] of ways) {
    const button = element(buttons, "button", { type: "button", "data-way": name }, title);
    button.addEventListener("click", () => {
      way = name;
      draw();
    });
  }
  const note = element(root, "p", { class: "widget-note", "aria-live": "polite" });
  const canvas = element(root, "div", { class: "widget-canvas stepper-canvas" });

  // Neighbours in a row of the grid that say the same are one rectangle.
  function ground(svg, says) {
    const side = SIZE / grid;
    for (let row = 0; row < grid; row++) {
      for (let start = 0, end; start < grid; start = end) {
        const level = says[row * grid + start];
        for (end = start; end < grid && says[row * grid + end] === level; end++);
        if (level === "0") continue;
        const at = { x: start * side, y: SIZE - (row + 1) * side, width: (end - start) * side + 0.3, height: side + 0.3 };
        element(svg, "rect", { ...at, fill: "#D55E00", "fill-opacity": 0.06 * level });
      }
    }
  }

  // Where one side of an edge is an alarm and the other is none.
  function border(svg, says) {
    const side = SIZE / grid;
    const alarm = (row, column) => says[row * grid + column] >= "5";
    let d = "";
    for (let row = 0; row < grid; row++) {
      for (let column = 0; column < grid; column++) {
        const [x, y] = [(column + 1) * side, SIZE - (row + 1) * side];
        if (column + 1 < grid && alarm(row, column) !== alarm(row, column + 1)) d += `M${x.toFixed(1)} ${y.toFixed(1)}v${side.toFixed(1)}`;
        if (row + 1 < grid && alarm(row, column) !== alarm(row + 1, column)) d += `M${(x - side).toFixed(1)} ${y.toFixed(1)}h${side.toFixed(1)}`;
      }
    }
    element(svg, "path", { d, stroke: "#000", "stroke-width": 1.5, class: "border" });
  }

  function draw() {
    const step = steps.find((one) => one.minority === +counts.value && one.way === way);
    const says = step.says[classifier.value];
    for (const button of buttons.children) button.setAttribute("aria-pressed", button.dataset.way === way);
    canvas.replaceChildren();
    const svg = element(canvas, "svg", { viewBox: `0 0 ${SIZE} ${SIZE}`, role: "img" });
    const [, title] = ways.find(([name]) => name === way);
    const share = [...says].filter((level) => level >= "5").length / says.length;
    const real = minority.slice(0, step.minority);
    const place = ([x, y]) => says[Math.min(grid - 1, Math.max(0, Math.round(((y + extent) / (2 * extent)) * (grid - 1)))) * grid + Math.min(grid - 1, Math.max(0, Math.round(((x + extent) / (2 * extent)) * (grid - 1))))];
    const unseen = minority.slice(step.minority);
    const caught = unseen.filter((row) => place(row) >= "5").length;
    note.textContent =
      `${title}, ${step.minority} real minority rows: ${classifiers.find(([name]) => name === classifier.value)[1]} raises an alarm on ${widgets.percent(share, 2)} of the area` +
      (unseen.length ? `, and finds ${caught} of ${unseen.length} minority rows that it has not seen.` : ".");
    svg.setAttribute("aria-label", note.textContent);
    ground(svg, says);
    const at = ([x, y]) => ({ cx: ((x + extent) / (2 * extent)) * SIZE, cy: SIZE - ((y + extent) / (2 * extent)) * SIZE });
    for (const row of majority) element(svg, "circle", { ...at(row), r: 1.6, fill: "#888" });
    for (const row of step.made) element(svg, "circle", { ...at(row), r: 2.6, fill: "#0072B2", class: "made" });
    for (const row of unseen) element(svg, "circle", { ...at(row), r: 4, fill: "none", stroke: "#000", "stroke-dasharray": "2 2" });
    for (const row of real) element(svg, "circle", { ...at(row), r: 5, fill: "#D55E00", stroke: "#000", class: "real" });
    border(svg, says);
  }

  draw();
  element(root, "p", { class: "widget-note" }, "Grey: majority. Large: real minority rows; dashed: those that were kept back. Blue: made rows. Shaded: where the classifier sees the minority; the line is where it says one half.");
});
