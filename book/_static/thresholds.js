// What happens above a threshold: alarms, hits, false alarms and their cost by method; see src/upsampling/book/thresholds.py.
widgets.each("thresholds", (root, { start, tables, classifiers, alone, arms, points }) => {
  const { element, field, menu, number, percent, steps } = widgets;
  const HEIGHT = 300;
  // How the slider's place becomes a score or a share of alarms: where they are small, steps are small.
  const WAYS = {
    cost: { title: "Each method at its cheapest score" },
    score: { title: "The same score for all", from: -9, to: 9, at: 0, value: (place) => 1 / (1 + Math.exp(-place)), text: (value) => `alarm above a score of ${number(value)}` },
    alarms: { title: "The same number of alarms for all", from: -4, to: 0, at: -2, value: (place) => 10 ** place, text: (value) => `alarm for ${percent(value)} of all rows` },
  };

  const form = element(root, "form", { class: "widget-controls" });
  form.addEventListener("submit", (event) => event.preventDefault());
  const id = (name) => `${root.id}-${name}`;
  const table = menu(form, id("table"), "Table", tables, show);
  const classifier = menu(form, id("classifier"), "Classifier", classifiers, show);
  const amount = { type: "number", min: 0.0001, max: 1e9, step: "any", required: "" };
  const share = field(form, id("share"), "Rare class among the rows scored", { ...amount, max: 99, value: 100 * start.share }, show, "%");
  const alarm = field(form, id("alarm"), "A false alarm costs", { ...amount, value: start.alarm }, show);
  const miss = field(form, id("miss"), "A missed case costs", { ...amount, value: start.miss }, show);
  const by = menu(form, id("by"), "Compare", Object.entries(WAYS).map(([name, { title }]) => [name, title]), () => {
    const { from, to, at } = WAYS[by.value];
    slider.parentNode.parentNode.hidden = from === undefined;
    if (from !== undefined) Object.assign(slider, { min: from, max: to, value: at });
    show();
  });
  const slider = field(form, id("slider"), "Threshold", { type: "range", step: 0.05, min: -9, max: 9 }, show);
  slider.parentNode.parentNode.hidden = true;
  const note = element(root, "p", { class: "widget-note", "aria-live": "polite" });
  const canvas = element(root, "div", { class: "widget-canvas" });
  const answer = element(root, "div");

  // Alarms, hits, false alarms, misses and cost per 1,000 rows where these shares of either class are above the threshold.
  function outcome({ tpr, fpr, threshold }, rare) {
    const [hits, wrong] = [1000 * rare * tpr, 1000 * (1 - rare) * fpr];
    const missed = 1000 * rare - hits;
    return { threshold, alarms: hits + wrong, hits, wrong, missed, cost: alarm.valueAsNumber * wrong + miss.valueAsNumber * missed };
  }

  // All points of a curve, no alarm and nothing but alarms among them.
  function outcomes(line, rare) {
    const rows = [{ threshold: Infinity, tpr: 0, fpr: 0 }];
    line.threshold.forEach((threshold, i) => rows.push({ threshold, tpr: line.tpr[i], fpr: line.fpr[i] }));
    return [...rows, { threshold: 0, tpr: 1, fpr: 1 }].map((row) => outcome(row, rare));
  }

  function pick(rows, value) {
    if (by.value === "cost") return rows.reduce((best, row) => (row.cost < best.cost ? row : best));
    if (by.value === "score") return rows.findLast((row) => row.threshold >= value) ?? rows[0];
    // between two points of the curve, rows come in any order
    const next = rows.findIndex((row) => row.alarms > 1000 * value);
    if (next < 1) return rows.at(next);
    const [from, to] = [rows[next - 1], rows[next]];
    const way = (1000 * value - from.alarms) / (to.alarms - from.alarms);
    const between = ["alarms", "hits", "wrong", "missed", "cost"].map((name) => [name, from[name] + way * (to[name] - from[name])]);
    return { threshold: to.threshold, ...Object.fromEntries(between) };
  }

  function draw(lines) {
    canvas.replaceChildren();
    const width = Math.max(canvas.clientWidth, 260);
    const box = { left: 56, right: width - 24, top: 10, bottom: HEIGHT - 44 };
    const svg = element(canvas, "svg", { width, height: HEIGHT, viewBox: `0 0 ${width} ${HEIGHT}`, role: "img" });
    svg.setAttribute("aria-label", `Cost by share of alarms, a line per method: ${lines.map(({ arm }) => arm.title).join(", ")}. The table below has the numbers.`);
    const least = 0.1;
    const x = (alarms) => box.left + (Math.log10(Math.max(alarms, least) / least) / Math.log10(1000 / least)) * (box.right - box.left);
    const top = 1.15 * Math.max(...lines.flatMap(({ rows }) => rows[0].cost));
    const y = (cost) => box.bottom - (Math.min(cost, top) / top) * (box.bottom - box.top);
    for (const alarms of [0.1, 1, 10, 100, 1000]) {
      element(svg, "path", { d: `M${x(alarms)} ${box.top}V${box.bottom}`, class: "grid" });
      element(svg, "text", { x: x(alarms), y: box.bottom + 17, "text-anchor": "middle" }, number(alarms));
    }
    for (const cost of steps(0, top, 5)) {
      element(svg, "path", { d: `M${box.left} ${y(cost)}H${box.right}`, class: "grid" });
      element(svg, "text", { x: box.left - 6, y: y(cost) + 4, "text-anchor": "end" }, number(cost, 4));
    }
    element(svg, "text", { x: (box.left + box.right) / 2, y: HEIGHT - 8, "text-anchor": "middle" }, "alarms per 1,000 rows");
    element(svg, "text", { x: 12, y: HEIGHT / 2, "text-anchor": "middle", transform: `rotate(-90 12 ${HEIGHT / 2})` }, "cost per 1,000 rows");
    for (const { arm, rows, chosen } of lines) {
      const inside = rows.filter(({ cost }) => cost <= top);
      const d = inside.map(({ alarms, cost }, i) => `${i ? "L" : "M"}${x(alarms).toFixed(1)} ${y(cost).toFixed(1)}`).join("");
      element(svg, "path", { d, class: "line", "data-arm": arm.name, stroke: arm.color, "stroke-width": 2, "stroke-dasharray": arm.dash.map((length) => 2 * length).join(" ") });
      element(svg, "circle", { cx: x(chosen.alarms), cy: y(chosen.cost), r: 5, fill: arm.color });
    }
  }

  function show() {
    answer.replaceChildren();
    canvas.replaceChildren();
    const wrong = [share, alarm, miss].find((control) => !control.checkValidity());
    if (wrong) {
      note.textContent = `"${wrong.labels[0].textContent}": ${wrong.validationMessage}`;
      return;
    }
    const way = WAYS[by.value];
    const value = way.value?.(slider.valueAsNumber);
    if (way.text) slider.setAttribute("aria-valuetext", way.text(value));
    const found = { ...points[table.value]?.[classifier.value], ...points[table.value]?.[alone] };
    const lines = arms
      .filter(({ name }) => name in found)
      .map((arm) => ({ arm, rows: outcomes(found[arm.name], share.valueAsNumber / 100) }))
      .map(({ arm, rows }) => ({ arm, rows, chosen: pick(rows, value) }));
    if (!lines.length) {
      note.textContent = "Nothing is stored for this table and classifier.";
      return;
    }
    const best = lines.reduce((cheapest, line) => (line.chosen.cost < cheapest.chosen.cost ? line : cheapest));
    note.textContent = `${way.text ? `With an ${way.text(value)}` : "At its own best score"}, ${best.arm.title} costs least: ${number(best.chosen.cost)} per 1,000 rows; without any alarm it would be ${number(best.rows[0].cost)}.`;
    draw(lines);
    const swatch = ({ color, dash }) => {
      const svg = element(document.createElement("span"), "svg", { width: 30, height: 10, "aria-hidden": true, class: "swatch" });
      element(svg, "path", { d: "M1 5H29", stroke: color, "stroke-width": 2.5, "stroke-dasharray": dash.map((length) => 2 * length).join(" ") });
      return svg;
    };
    const named = (arm) => {
      const cell = document.createElement("span");
      cell.append(swatch(arm), ` ${arm.title}`);
      return cell;
    };
    widgets.table(
      answer,
      ["Per 1,000 rows", "Alarms", "Hits", "False alarms", "Missed", "Precision", "Cost", "Score"],
      lines.map(({ arm, chosen }) => [
        named(arm),
        ...[chosen.alarms, chosen.hits, chosen.wrong, chosen.missed].map((count) => number(count)),
        chosen.alarms ? percent(chosen.hits / chosen.alarms) : "-",
        number(chosen.cost),
        chosen.threshold === Infinity ? "no alarm" : number(chosen.threshold),
      ])
    );
  }

  show();
  let drawnAt = canvas.clientWidth;
  new ResizeObserver(() => {
    if (canvas.clientWidth === drawnAt) return;
    drawnAt = canvas.clientWidth;
    show();
  }).observe(canvas);
});
