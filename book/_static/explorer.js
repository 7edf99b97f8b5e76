// A figure that readers steer: menus choose what is drawn, buttons hide and show arms, a mark tells its numbers when it is
// pointed at or reached with the arrow keys. What may be drawn, and how, comes with the page: see src/upsampling/book/explorer.py.
function steer(root) {
  const { menus, path, arms, symbols, symbolBy, x: xAxis, y: yAxis, labelled, points } = JSON.parse(
    root.querySelector("script").textContent
  );
  const HEIGHT = 440;
  const hidden = new Set(arms.filter((arm) => !arm.shown).map((arm) => arm.name));
  let marks = [];
  let current = null;

  function element(parent, name, attributes = {}, text = "") {
    const inSvg = name === "svg" || parent instanceof SVGElement;
    const made = inSvg ? document.createElementNS("http://www.w3.org/2000/svg", name) : document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.textContent = text;
    return parent.appendChild(made);
  }

  const controls = element(root, "div", { class: "explorer-controls" });
  const selects = {};
  for (const [name, title, options] of menus) {
    const pair = element(controls, "span");
    element(pair, "label", { for: `${root.id}-${name}` }, title);
    selects[name] = element(pair, "select", { id: `${root.id}-${name}` });
    for (const [value, text] of options) selects[name].add(new Option(text, value));
    selects[name].addEventListener("change", draw);
  }
  const chosen = (name) => selects[name].value;
  const shown = (name) => selects[name].selectedOptions[0].text;

  const canvas = element(root, "div", { class: "explorer-canvas", tabindex: 0, role: "group" });
  const note = element(root, "p", { class: "explorer-note", "aria-live": "polite" });
  const legend = element(root, "div", { class: "explorer-legend", role: "group", "aria-label": "arms" });

  const dashes = (arm) => arm.dash.map((length) => 2 * length).join(" ");
  for (const arm of arms) {
    const button = element(legend, "button", { type: "button", "aria-pressed": !hidden.has(arm.name) });
    const swatch = element(button, "svg", { width: 30, height: 10, "aria-hidden": true });
    element(swatch, "path", { d: "M1 5H29", stroke: arm.color, "stroke-width": 2.5, "stroke-dasharray": dashes(arm) });
    button.append(arm.title);
    button.addEventListener("click", () => {
      if (!hidden.delete(arm.name)) hidden.add(arm.name);
      button.setAttribute("aria-pressed", !hidden.has(arm.name));
      draw();
    });
  }

  const percent = (value) => `${+(100 * value).toPrecision(6)} %`;
  const SHAPES = {
    square: (x, y) => `M${x - 4} ${y - 4}h8v8h-8z`,
    triangle: (x, y) => `M${x} ${y - 5}l5 9h-10z`,
    circle: (x, y) => `M${x - 4.5} ${y}a4.5 4.5 0 1 0 9 0a4.5 4.5 0 1 0 -9 0z`,
    wedge: (x, y) => `M${x} ${y + 5}l5 -9h-10z`,
    plus: (x, y) => `M${x - 1.5} ${y - 5}h3v3.5h3.5v3h-3.5v3.5h-3v-3.5h-3.5v-3h3.5z`,
    star: (x, y) => `M${x} ${y - 5.5}l1.35 3.64 3.88 .16 -3.04 2.41 1.04 3.74 -3.23 -2.15 -3.23 2.15 1.04 -3.74 -3.04 -2.41 3.88 -.16z`,
    cross: (x, y) => `M${x} ${y - 1.8}l2.8 -2.8l1.8 1.8l-2.8 2.8l2.8 2.8l-1.8 1.8l-2.8 -2.8l-2.8 2.8l-1.8 -1.8l2.8 -2.8l-2.8 -2.8l1.8 -1.8z`,
    pentagon: (x, y) => `M${x} ${y - 5.5}l5.2 3.8l-2 6.1h-6.4l-2 -6.1z`,
    left: (x, y) => `M${x - 5} ${y}l9 -5v10z`,
    right: (x, y) => `M${x + 5} ${y}l-9 -5v10z`,
    diamond: (x, y) => `M${x} ${y - 5.5}l5.5 5.5l-5.5 5.5l-5.5 -5.5z`,
  };

  function steps(low, high, count) {
    const rough = (high - low) / count;
    const power = 10 ** Math.floor(Math.log10(rough));
    const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= rough);
    const found = [];
    for (let value = Math.ceil(low / step - 1e-9) * step; value <= high + step * 1e-9; value += step) found.push(value);
    return found;
  }

  function decades(low, high) {
    const found = [];
    for (let power = Math.floor(Math.log10(low)); power <= Math.ceil(Math.log10(high)); power++) found.push(10 ** power);
    return found.filter((value) => value >= low * 0.999 && value <= high * 1.001);
  }

  // The way from values to pixels, and where the ticks stand.
  function scale(axis, values, start, end, count) {
    let [low, high] = axis.range ?? [Math.min(...values), Math.max(...values)];
    if (low === high) [low, high] = axis.log ? [low / 2, high * 2] : [low - 0.05, high + 0.05];
    const place = axis.log ? Math.log10 : (value) => value;
    const pad = axis.range ? 0 : 0.05 * (place(high) - place(low));
    const [from, to] = [place(low) - pad, place(high) + pad];
    const at = (value) => start + ((place(value) - from) / (to - from)) * (end - start);
    const ticks = axis.ticks ? [...new Set(values)] : axis.log ? decades(low, high) : steps(from, to, count);
    return { at, ticks };
  }

  function apart(labels, gap) {
    labels.sort((a, b) => a.y - b.y);
    for (let i = 1; i < labels.length; i++) labels[i].y = Math.max(labels[i].y, labels[i - 1].y + gap);
    return labels;
  }

  function draw() {
    const ways = { x: xAxis.choices[chosen(xAxis.menu)], y: yAxis.choices[chosen(yAxis.menu)] };
    const found = path.reduce((part, name) => part?.[chosen(name)], points) ?? {};
    const lines = arms.filter((arm) => arm.name in found && !hidden.has(arm.name)).map((arm) => ({ arm, ...found[arm.name] }));
    const width = Math.max(canvas.clientWidth, 260);
    const wide = labelled && width > 560;
    const box = { left: 62, right: width - (wide ? 165 : 14), top: 12, bottom: HEIGHT - 62 };
    canvas.replaceChildren();
    const svg = element(canvas, "svg", { width, height: HEIGHT, viewBox: `0 0 ${width} ${HEIGHT}`, "aria-hidden": true });
    const drawable = (value) => value !== null && (!ways.y.log || value > 0);
    const xs = lines.flatMap((line) => line[ways.x.key]);
    const ys = lines.flatMap((line) => [...line.mean, ...(line.low ?? []), ...(line.high ?? [])]).filter(drawable);
    const what = path.map(shown).join(", ");
    canvas.setAttribute("aria-label", `${what}: a line per arm, ${lines.map(({ arm }) => arm.title).join(", ")}. Arrow keys go from mark to mark.`);
    for (const button of legend.children) button.hidden = !(arms[[...legend.children].indexOf(button)].name in found);
    marks = [];
    point(null);
    if (!ys.length) {
      element(svg, "text", { x: width / 2, y: HEIGHT / 2, "text-anchor": "middle" }, "Nothing is computed or shown here.");
      return;
    }
    const across = scale(ways.x, xs, box.left + 8, box.right - 8, 6);
    const up = scale(ways.y, ys, box.bottom - 4, box.top + 4, 6);
    const write = (axis, value) => (axis.percent ? percent(value) : `${+value.toPrecision(6)}`);
    // the same share means very different numbers of rows
    const beside = ways.x.beside;
    const counts = new Map(beside ? lines.flatMap((line) => line.x.map((x, i) => [x, line[beside][i]])) : []);
    let last = -Infinity;
    for (const value of across.ticks.sort((a, b) => a - b)) {
      const x = across.at(value);
      element(svg, "path", { d: `M${x} ${box.top}V${box.bottom}`, class: "grid" });
      if (x - last < 44) continue;
      last = x;
      element(svg, "text", { x, y: box.bottom + 17, "text-anchor": "middle" }, write(ways.x, value));
      if (counts.has(value)) {
        element(svg, "text", { x, y: box.bottom + 32, "text-anchor": "middle" }, counts.get(value).toLocaleString("en"));
      }
    }
    for (const value of up.ticks) {
      const y = up.at(value);
      element(svg, "path", { d: `M${box.left} ${y}H${box.right}`, class: "grid" });
      element(svg, "text", { x: box.left - 7, y: y + 4, "text-anchor": "end" }, write(ways.y, value));
    }
    element(svg, "text", { x: (box.left + box.right) / 2, y: HEIGHT - 8, "text-anchor": "middle" }, ways.x.title);
    const middle = (box.top + box.bottom) / 2;
    element(svg, "text", { x: 14, y: middle, "text-anchor": "middle", transform: `rotate(-90 14 ${middle})` }, ways.y.title);

    const shape = SHAPES[symbols[chosen(symbolBy)]] ?? SHAPES.circle;
    const labels = [];
    for (const line of lines) {
      const group = element(svg, "g", { class: "arm", "data-arm": line.arm.name });
      const { color } = line.arm;
      const places = line.mean.map((mean, i) => (drawable(mean) ? { i, x: across.at(line[ways.x.key][i]), y: up.at(mean) } : null)).filter(Boolean);
      if (!places.length) continue;
      const d = places.map(({ x, y }, i) => `${i ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}`).join("");
      element(group, "path", { d, class: "line", stroke: color, "stroke-width": line.arm.shown ? 2.2 : 1.5, "stroke-dasharray": dashes(line.arm) });
      for (const { i, x, y } of places) {
        if (line.low && line.low[i] !== null) {
          element(group, "path", { d: `M${x} ${up.at(line.low[i])}V${up.at(line.high[i])}`, stroke: color, "stroke-width": 1.3 });
        }
        if (labelled) element(group, "path", { d: shape(x, y), fill: color });
        marks.push({ x, y, line, i, ways });
      }
      const end = places.at(-1);
      if (wide) labels.push({ y: end.y, text: line.arm.title, color });
    }
    for (const { y, text, color } of apart(labels, 15)) {
      element(svg, "text", { x: box.right + 8, y: y + 4, fill: color, class: "label" }, text);
    }
    element(svg, "circle", { class: "cursor", r: 8, visibility: "hidden" });
  }

  function describe({ line, i, ways }) {
    const write = (axis, value) => (axis.percent ? percent(+value.toPrecision(4)) : `${+value.toPrecision(4)}`);
    const parts = [`${line.arm.title}: ${write(ways.y, line.mean[i])}`];
    if (line.low) parts.push(line.low[i] === null ? "no interval" : `95 % interval ${write(ways.y, line.low[i])} to ${write(ways.y, line.high[i])}`);
    if (line.n) parts.push(`n = ${line.n[i]} seed${line.n[i] === 1 ? "" : "s"}`);
    if (line.count) parts.push(`minority share ${percent(line.x[i])}, ${line.count[i].toLocaleString("en")} rows`);
    else parts.push(`${ways.x.title} ${write(ways.x, line.x[i])}`);
    return parts.join("; ");
  }

  function point(mark) {
    current = mark;
    note.textContent = mark ? describe(mark) : "Point at a mark, or use the arrow keys, to read its numbers.";
    const cursor = canvas.querySelector(".cursor");
    if (!cursor) return;
    cursor.setAttribute("visibility", mark ? "visible" : "hidden");
    if (!mark) return;
    cursor.setAttribute("cx", mark.x);
    cursor.setAttribute("cy", mark.y);
  }

  const nearest = (x, y, from = marks) => {
    const distance = (mark) => (mark.x - x) ** 2 + (mark.y - y) ** 2;
    return from.reduce((best, mark) => (!best || distance(mark) < distance(best) ? mark : best), null);
  };
  // a finger that taps does not move
  for (const kind of ["pointermove", "pointerdown"]) {
    canvas.addEventListener(kind, (event) => {
      const frame = canvas.getBoundingClientRect();
      point(nearest(event.clientX - frame.left, event.clientY - frame.top));
    });
  }
  canvas.addEventListener("keydown", (event) => {
    const names = arms.map((arm) => arm.name);
    const step = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[event.key];
    if (!step || !marks.length) return;
    event.preventDefault();
    // the theme turns the page with these keys
    event.stopPropagation();
    if (!current) return point(marks[0]);
    const [toArm, toPoint] = step;
    const same = marks.filter((mark) => mark.line === current.line);
    if (toPoint) return point(same[same.indexOf(current) + toPoint] ?? current);
    const rank = names.indexOf(current.line.arm.name);
    const others = marks.filter((mark) => toArm * (names.indexOf(mark.line.arm.name) - rank) > 0);
    if (!others.length) return;
    const next = toArm > 0 ? others[0].line : others.at(-1).line;
    point(nearest(current.x, current.y, others.filter((mark) => mark.line === next)));
  });

  draw();
  let drawnAt = canvas.clientWidth;
  new ResizeObserver(() => {
    if (canvas.clientWidth === drawnAt) return;
    drawnAt = canvas.clientWidth;
    draw();
  }).observe(canvas);
}

document.addEventListener("DOMContentLoaded", () => document.querySelectorAll(".explorer").forEach(steer));
