// Advice for a reader's own table, from the experiments nearest to it: see src/upsampling/book/adviser.py.
widgets.each("adviser", (root, { baseline, start, tables, pairs, experiments }) => {
  const { element, field, number, percent, points } = widgets;
  const [TABLE, MINORITY, SHARE, NUMERIC, SCORED, PAIR, MEAN, LOW, HIGH, SEEDS] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
  // A gain below a point of average precision is none.
  const LEAST = 0.01;
  // How far apart two tables are that have little to say about each other: fourfold rows, tenfold shares, three columns in ten.
  const NEAR = { minority: Math.log(4), share: Math.log(10), numeric: 0.3, scored: Math.log(10) };

  const form = element(root, "form", { class: "widget-controls" });
  form.addEventListener("submit", (event) => event.preventDefault());
  const input = (name, label, attributes, unit) => field(form, `${root.id}-${name}`, label, attributes, advise, unit);
  const whole = { type: "number", min: 1, step: 1, required: "" };
  const share = { type: "number", min: 0.0001, max: 99, step: "any", required: "" };
  const fields = {
    minority: input("minority", "Rows of the rare class", { ...whole, value: start.minority }),
    rows: input("rows", "All rows", { ...whole, value: start.rows }),
    numeric: input("numeric", "Columns that are numbers", { type: "number", min: 0, max: 100, required: "", value: 100 * start.numeric }, "%"),
    scoring: input("scoring", "Rare class among the rows you will score", { ...share, value: 100 * start.scoring }, "%"),
    alarm: input("alarm", "A false alarm costs", { ...share, max: 1e9, value: start.alarm }),
    miss: input("miss", "A missed case costs", { ...share, max: 1e9, value: start.miss }),
  };
  const verdict = element(root, "div", { "aria-live": "polite" });
  const answer = element(root, "div");
  let opened = false;

  // An experiment counts the more, the nearer it is: 1 for a twin, 0.6 at a distance of 1.
  function weigh({ minority, rows, numeric, scoring }) {
    const far = (value, unit) => (value / unit) ** 2;
    return experiments.map((row) => ({
      row,
      weight: Math.exp(
        -0.5 *
          (far(Math.log(row[MINORITY] / minority), NEAR.minority) +
            far(Math.log((row[SHARE] * rows) / minority), NEAR.share) +
            far(row[NUMERIC] - numeric / 100, NEAR.numeric) +
            far(Math.log((100 * row[SCORED]) / scoring), NEAR.scored))
      ),
    }));
  }

  // Mean gain of each pair, and where 95 % of the experiments like these lie: spread within and between them.
  function gains(weighed) {
    const most = Math.max(...pairs.map((_, pair) => weighed.reduce((sum, { row, weight }) => sum + (row[PAIR] === pair ? weight : 0), 0)));
    return pairs
      .map((pair, place) => {
        if (place === baseline) return { ...pair, place, mean: 0, low: 0, high: 0 };
        const own = weighed.filter(({ row }) => row[PAIR] === place);
        const total = own.reduce((sum, { weight }) => sum + weight, 0);
        // a pair that was hardly tried near here says nothing
        if (total < most / 2) return null;
        const average = (value) => own.reduce((sum, { row, weight }) => sum + weight * value(row), 0) / total;
        const mean = average((row) => row[MEAN]);
        const spread = Math.sqrt(average((row) => (row[MEAN] - mean) ** 2 + ((row[HIGH] - row[LOW]) / 3.92) ** 2));
        return { ...pair, place, mean, low: mean - 1.96 * spread, high: mean + 1.96 * spread };
      })
      .filter(Boolean);
  }

  // The simplest way of those that are as good as the best.
  function choose(found) {
    const best = Math.max(...found.map(({ mean }) => mean));
    return found.find(({ mean }) => mean >= best - LEAST);
  }

  // Above which score an alarm is worth its cost, if scores are probabilities at the share in training.
  function threshold(prior, trained, scored, alarm, miss) {
    const odds = (value) => value / (1 - value);
    const wanted = (alarm / miss) * (odds(prior === "raw" ? trained : 0.5) / odds(scored));
    return wanted / (1 + wanted);
  }

  const WIDTH = 180;
  function bar({ mean, low, high }, extreme) {
    const at = (value) => (WIDTH / 2) * (1 + value / extreme);
    const svg = element(document.createElement("span"), "svg", { width: WIDTH, height: 18, viewBox: `0 0 ${WIDTH} 18`, "aria-hidden": true });
    element(svg, "path", { d: `M${WIDTH / 2} 0V18`, class: "zero" });
    element(svg, "path", { d: `M${at(low)} 9H${at(high)}`, class: "range" });
    element(svg, "circle", { cx: at(mean), cy: 9, r: 4 });
    return svg;
  }

  const gain = ({ mean, low, high }) => `${points(mean)} [${points(low)},\u00a0${points(high)}]`;

  function advise() {
    const values = Object.fromEntries(Object.entries(fields).map(([name, control]) => [name, control.valueAsNumber]));
    verdict.replaceChildren();
    answer.replaceChildren();
    const wrong = Object.values(fields).find((control) => !control.checkValidity());
    if (wrong || values.minority >= values.rows) {
      const what = wrong ? `"${wrong.labels[0].textContent}": ${wrong.validationMessage}` : "The rare class has fewer rows than the table.";
      element(verdict, "p", {}, what);
      return;
    }
    const weighed = weigh(values);
    const found = gains(weighed);
    const chosen = choose(found);
    const title = element(verdict, "p", { class: "adviser-verdict" });
    if (chosen.untouched) title.textContent = `Make no rows. Train ${chosen.name}.`;
    else if (chosen.low > 0) title.textContent = `Use ${chosen.name}.`;
    else title.textContent = `Try ${chosen.name}, and compare: no clear difference.`;
    const over = pairs[baseline].name;
    element(
      verdict,
      "p",
      {},
      chosen.place === baseline
        ? `Near your table nothing that was tried is ahead of it by a point of average precision.`
        : `Expected gain in average precision over ${over}: ${gain(chosen)} points. 95 % of experiments like these lie within the brackets.`
    );
    const nearest = weighed.filter(({ row }) => row[PAIR] === chosen.place || chosen.place === baseline).sort((a, b) => b.weight - a.weight);
    if (!nearest.length || nearest[0].weight < 0.3) {
      element(verdict, "p", { class: "adviser-far" }, "None of our experiments is near your table: take this as a guess, and compare by cross-validation.");
    }
    const shown = [...found].sort((a, b) => b.mean - a.mean).slice(0, 6);
    for (const one of [chosen, found.find(({ place }) => place === baseline)]) if (!shown.includes(one)) shown.push(one);
    const extreme = Math.max(...shown.flatMap(({ low, high }) => [Math.abs(low), Math.abs(high)]), LEAST);
    widgets.table(
      answer,
      ["What to train", "Gain (points)", ""],
      shown.map((one) => [one.name + (one === chosen ? " (advised)" : ""), one.place === baseline ? "0" : gain(one), bar(one, extreme)])
    );
    if (nearest.length) {
      const details = element(answer, "details", opened ? { open: "" } : {});
      details.addEventListener("toggle", () => (opened = details.open));
      element(details, "summary", {}, "The experiments nearest to your table");
      widgets.table(
        details,
        ["Table", "Rare rows", "Share", "Share when scored", "What was trained", "Gain (points)", "Seeds"],
        nearest.slice(0, 6).map(({ row }) => [
          tables[row[TABLE]],
          number(row[MINORITY], 6),
          percent(row[SHARE]),
          percent(row[SCORED]),
          pairs[row[PAIR]].name,
          gain({ mean: row[MEAN], low: row[LOW], high: row[HIGH] }),
          row[SEEDS],
        ])
      );
    }
    const cut = threshold(chosen.prior, values.minority / values.rows, values.scoring / 100, values.alarm, values.miss);
    element(
      answer,
      "p",
      {},
      `Raise an alarm above a score of ${number(cut)}: there a miss would cost as much as the false alarms, if the scores are right as probabilities. ` +
        "Check that on rows that nobody has upsampled."
    );
    const text = chosen.code.replace("{threshold}", number(cut).replaceAll(",", ""));
    const block = element(answer, "div", { class: "adviser-code" });
    const button = element(block, "button", { type: "button" }, "Copy");
    element(block, "pre", { tabindex: 0, role: "group", "aria-label": "code" }, text);
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(text);
        button.textContent = "Copied";
      } catch {
        getSelection().selectAllChildren(block.querySelector("pre"));
        button.textContent = "Selected: press Ctrl+C";
      }
    });
  }

  advise();
});
