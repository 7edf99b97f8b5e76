// A figure that readers steer: menus choose what is drawn, buttons hide and show arms and classifiers, a mark tells its numbers
// when it is pointed at or reached with the arrow keys. The address keeps the view. What may be drawn, and how, comes with the
// page: see src/upsampling/book/explorer.py.
widgets.each("explorer", (root, { menus, path, classifiers, alone, arms, baselines, x: xAxis, y: yAxis, labelled, points }) => {
  const { element, menu, steps } = widgets;
  const HEIGHT = 440;
  const MEANS = "";
  // What is not drawn.
  const hidden = new Set(arms.filter((arm) => !arm.shown).map((arm) => arm.name));
  const without = new Set(classifiers.slice(1).map(({ name }) => name));
  let marks = [];
  let current = null;

  const controls = element(root, "div", { class: "explorer-controls" });
  const selects = {};
  for (const [name, title, options] of menus) selects[name] = menu(controls, `${root.id}-${name}`, title, options, steered);
  if (baselines.length) {
    selects.base = menu(controls, `${root.id}-base`, "difference to", [[MEANS, "nothing: means"], ...baselines], steered);
  }
  selects.scale = menu(controls, `${root.id}-scale`, "scale", [["auto", "as it fits"], ["linear", "linear"], ["log", "logarithmic"]], steered);
  const chosen = (name) => selects[name]?.value ?? MEANS;
  const shown = (name) => selects[name].selectedOptions[0].text;

  const several = element(root, "div", { class: "explorer-legend", role: "group", "aria-label": "classifiers" });
  const canvas = element(root, "div", { class: "explorer-canvas widget-canvas", tabindex: 0, role: "group" });
  const note = element(root, "p", { class: "explorer-note widget-note", "aria-live": "polite" });
  const legend = element(root, "div", { class: "explorer-legend", role: "group", "aria-label": "arms" });
  const exports = element(root, "div", { class: "explorer-legend" });

  const dashes = (arm) => arm.dash.map((length) => 2 * length).join(" ");
  function toggles(parent, items, set, picture) {
    for (const item of items) {
      const button = element(parent, "button", { type: "button", "data-name": item.name, "aria-pressed": !set.has(item.name) });
      picture(element(button, "svg", { width: 30, height: 10, "aria-hidden": true, class: "swatch" }), item);
      button.append(item.title);
      button.addEventListener("click", () => {
        if (!set.delete(item.name)) set.add(item.name);
        steered();
      });
    }
  }
  toggles(legend, arms, hidden, (svg, arm) => {
    element(svg, "path", { d: "M1 5H29", stroke: arm.color, "stroke-width": 2.5, "stroke-dasharray": dashes(arm) });
  });

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
  toggles(several, classifiers, without, (svg, { symbol }) => element(svg, "path", { d: SHAPES[symbol](15, 5), fill: "#404040" }));

  for (const [name, save] of [["PNG", savePicture], ["SVG", (text) => download(new Blob([text], { type: "image/svg+xml" }), "svg")]]) {
    const button = element(exports, "button", { type: "button" }, name);
    button.setAttribute("aria-label", `Save this figure as ${name}`);
    button.addEventListener("click", () => save(drawing()));
  }

  // All lines that may be drawn for the choice of the menus: a pair of arm and classifier each.
  function lines() {
    const found = path.reduce((part, name) => part?.[selects[name].value], points) ?? {};
    const known = [...classifiers, ...alone];
    return arms.flatMap((arm) =>
      known
        .filter(({ name }) => found[name]?.[arm.name])
        .map((classifier) => ({
          arm,
          classifier,
          key: `${arm.name}|${classifier.name}`,
          title: alone.includes(classifier) ? arm.title : `${arm.title}, ${classifier.title}`,
          ...found[classifier.name][arm.name],
        }))
    );
  }

  // Means of a line over those of the baseline at the same place on the axis; their intervals are not those of differences.
  function minus(line, base) {
    const kept = line.x.map((x, i) => [i, base.x.indexOf(x)]).filter(([, j]) => j >= 0);
    const picked = Object.fromEntries(["x", "count", "n"].filter((name) => line[name]).map((name) => [name, kept.map(([i]) => line[name][i])]));
    return { ...line, ...picked, low: null, high: null, mean: kept.map(([i, j]) => line.mean[i] - base.mean[j]) };
  }

  function decades(low, high) {
    const found = [];
    for (let power = Math.floor(Math.log10(low)); power <= Math.ceil(Math.log10(high)); power++) found.push(10 ** power);
    const inside = found.filter((value) => value >= low * 0.999 && value <= high * 1.001);
    return inside.length > 1 ? inside : found.flatMap((value) => [value, 2 * value, 5 * value]).filter((value) => value >= low && value <= high);
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

  const LINE = 14;
  function apart(labels) {
    labels.sort((a, b) => a.y - b.y);
    for (let i = 1; i < labels.length; i++) labels[i].y = Math.max(labels[i].y, labels[i - 1].y + LINE * labels[i - 1].lines.length + 1);
    return labels;
  }

  // Most values in a tenth of the axis: lines that lie on each other there are told apart on a logarithmic one.
  const isSquashed = (values) => {
    const sorted = [...values].sort((a, b) => a - b);
    return sorted[0] > 0 && sorted.at(-1) > 10 * sorted[Math.floor(0.75 * sorted.length)];
  };

  function draw() {
    const all = lines();
    const base = all.find(({ key }) => key === chosen("base"));
    const isShown = ({ arm, classifier }) => !hidden.has(arm.name) && (alone.includes(classifier) || !without.has(classifier.name));
    const drawn = all.filter(isShown).map((line) => (base ? minus(line, base) : line));
    const measured = yAxis.choices[chosen(yAxis.menu)];
    const ys = drawn.flatMap((line) => [...line.mean, ...(line.low ?? []), ...(line.high ?? [])]).filter((value) => value !== null);
    const isLog = !base && (chosen("scale") === "log" || (chosen("scale") === "auto" && (measured.log || (!measured.range && isSquashed(ys)))));
    const ways = {
      x: xAxis.choices[chosen(xAxis.menu)],
      y: base ? { title: `${measured.title}, difference to ${base.title}`, percent: measured.percent, signed: true } : { ...measured, log: isLog, range: isLog ? undefined : measured.range },
    };
    const width = Math.max(canvas.clientWidth, 260);
    const wide = labelled && width > 560 && drawn.length <= 8;
    const box = { left: 62, right: width - (wide ? 165 : 14), top: 12, bottom: HEIGHT - 62 };
    canvas.replaceChildren();
    const svg = element(canvas, "svg", { width, height: HEIGHT, viewBox: `0 0 ${width} ${HEIGHT}`, "aria-hidden": true });
    const one = classifiers.filter(({ name }) => !without.has(name));
    const what = [...path.map(shown), ...one.map(({ title }) => title)].join(", ");
    const named = ({ arm, title }) => (one.length > 1 ? title : arm.title);
    canvas.setAttribute("aria-label", `${what}: a line per arm, ${drawn.map(named).join(", ")}. Arrow keys go from mark to mark.`);
    for (const [parent, set] of [[legend, hidden], [several, without]]) {
      for (const button of parent.children) button.setAttribute("aria-pressed", !set.has(button.dataset.name));
    }
    for (const button of legend.children) button.hidden = !all.some(({ arm }) => arm.name === button.dataset.name);
    for (const button of several.children) button.hidden = !all.some(({ classifier }) => classifier.name === button.dataset.name);
    marks = [];
    point(null);
    const drawable = (value) => value !== null && (!isLog || value > 0);
    const values = ys.filter(drawable);
    if (!values.length) {
      element(svg, "text", { x: width / 2, y: HEIGHT / 2, "text-anchor": "middle" }, "Nothing is computed or shown here.");
      return;
    }
    const xs = drawn.flatMap((line) => line[ways.x.key]);
    const across = scale(ways.x, xs, box.left + 8, box.right - 8, 6);
    const up = scale(ways.y, values, box.bottom - 4, box.top + 4, 6);
    const write = (axis, value) => (axis.signed && value > 0 ? "+" : "") + (axis.percent ? percent(value) : `${+value.toPrecision(6)}`);
    // the same share means very different numbers of rows
    const beside = ways.x.beside;
    const counts = new Map(beside ? drawn.flatMap((line) => line.x.map((x, i) => [x, line[beside][i]])) : []);
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

    const labels = [];
    for (const line of drawn) {
      const group = element(svg, "g", { class: "arm", "data-arm": line.arm.name, "data-classifier": line.classifier.name });
      const { color } = line.arm;
      const places = line.mean.map((mean, i) => (drawable(mean) ? { i, x: across.at(line[ways.x.key][i]), y: up.at(mean) } : null)).filter(Boolean);
      if (!places.length) continue;
      const d = places.map(({ x, y }, i) => `${i ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}`).join("");
      element(group, "path", { d, class: "line", stroke: color, "stroke-width": line.arm.shown ? 2.2 : 1.5, "stroke-dasharray": dashes(line.arm) });
      for (const { i, x, y } of places) {
        if (line.low && drawable(line.low[i])) {
          element(group, "path", { d: `M${x} ${up.at(line.low[i])}V${up.at(line.high[i])}`, stroke: color, "stroke-width": 1.3 });
        }
        if (labelled) element(group, "path", { d: SHAPES[line.classifier.symbol](x, y), fill: color });
        marks.push({ x, y, line, name: named(line), i, ways });
      }
      const end = places.at(-1);
      // a long name stands on several lines
      if (wide) labels.push({ y: end.y, lines: named(line).split(", "), color });
    }
    for (const { y, lines, color } of apart(labels)) {
      const label = element(svg, "text", { y: y + 4, fill: color, class: "label" });
      lines.forEach((text, i) => element(label, "tspan", { x: box.right + 8, dy: i ? LINE : 0 }, text));
    }
    element(svg, "circle", { class: "cursor", r: 8, visibility: "hidden" });
  }

  function describe({ line, name, i, ways }) {
    const write = (axis, value) => (axis.signed && value > 0 ? "+" : "") + (axis.percent ? percent(+value.toPrecision(4)) : `${+value.toPrecision(4)}`);
    const parts = [`${name}: ${write(ways.y, line.mean[i])}`];
    if (ways.y.signed) parts.push("a difference of means, without an interval");
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
    const step = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[event.key];
    if (!step || !marks.length) return;
    event.preventDefault();
    // the theme turns the page with these keys
    event.stopPropagation();
    if (!current) return point(marks[0]);
    const [toLine, toPoint] = step;
    const same = marks.filter((mark) => mark.line === current.line);
    if (toPoint) return point(same[same.indexOf(current) + toPoint] ?? current);
    const drawn = [...new Set(marks.map((mark) => mark.line))];
    const next = drawn[drawn.indexOf(current.line) + toLine];
    if (next) point(nearest(current.x, current.y, marks.filter((mark) => mark.line === next)));
  });

  // The figure as a file of its own, which no style sheet follows.
  function drawing() {
    const svg = canvas.querySelector("svg").cloneNode(true);
    svg.setAttribute("xmlns", "http://www.w3.org/2000/svg");
    svg.querySelector(".cursor")?.remove();
    const style = "svg{background:#fff}text{font:12px sans-serif}.label{font-weight:600}path:not([fill]){fill:none}.grid{stroke:#ddd}";
    element(svg, "style", {}, style);
    return new XMLSerializer().serializeToString(svg);
  }

  function download(blob, suffix) {
    const link = element(root, "a", { href: URL.createObjectURL(blob), download: `${path.map(chosen).join("-")}.${suffix}`, hidden: "" });
    link.click();
    link.remove();
  }

  async function savePicture(text) {
    const picture = new Image();
    picture.src = `data:image/svg+xml,${encodeURIComponent(text)}`;
    await picture.decode();
    const paper = document.createElement("canvas");
    [paper.width, paper.height] = [2 * picture.width, 2 * picture.height];
    const brush = paper.getContext("2d");
    brush.fillStyle = "#fff";
    brush.fillRect(0, 0, paper.width, paper.height);
    brush.drawImage(picture, 0, 0, paper.width, paper.height);
    paper.toBlob((blob) => download(blob, "png"));
  }

  // The address of a view: `#` and the name of the figure, then what was chosen.
  function steered() {
    const view = new URLSearchParams(Object.entries(selects).map(([name, select]) => [name, select.value]));
    view.set("arms", arms.filter(({ name }) => !hidden.has(name)).map(({ name }) => name).join(" "));
    view.set("classifiers", classifiers.filter(({ name }) => !without.has(name)).map(({ name }) => name).join(" "));
    history.replaceState(null, "", `#${root.id}?${view}`);
    draw();
  }

  function restore() {
    const [name, text] = location.hash.slice(1).split("?");
    if (name !== root.id || !text) return;
    const view = new URLSearchParams(text);
    for (const [name, select] of Object.entries(selects)) {
      if ([...select.options].some(({ value }) => value === view.get(name))) select.value = view.get(name);
    }
    for (const [key, items, set] of [["arms", arms, hidden], ["classifiers", classifiers, without]]) {
      if (!view.has(key)) continue;
      const kept = view.get(key).split(" ");
      for (const item of items) set[kept.includes(item.name) ? "delete" : "add"](item.name);
    }
    root.scrollIntoView();
  }

  restore();
  draw();
  let drawnAt = canvas.clientWidth;
  new ResizeObserver(() => {
    if (canvas.clientWidth === drawnAt) return;
    drawnAt = canvas.clientWidth;
    draw();
  }).observe(canvas);
});
