// The figure that readers steer: menus for data set, metric and classifier, one line per arm.
(() => {
  const root = document.currentScript.previousElementSibling.previousElementSibling;
  const { menus, arms, symbols, points } = JSON.parse(root.querySelector("script").textContent);
  const hidden = new Set(arms.filter((arm) => !arm.shown).map((arm) => arm.name));

  const controls = root.appendChild(document.createElement("div"));
  controls.className = "explorer-controls";
  const selects = {};
  for (const [name, title, options] of menus) {
    const label = controls.appendChild(document.createElement("label"));
    label.append(title, " ");
    selects[name] = label.appendChild(document.createElement("select"));
    for (const [value, text] of options) selects[name].add(new Option(text, value));
    selects[name].addEventListener("change", draw);
  }
  const chosen = (name) => selects[name].value;
  const shown = (name) => selects[name].selectedOptions[0].text;
  const canvas = root.appendChild(document.createElement("div"));
  canvas.className = "explorer-canvas";

  function trace({ name: arm, title, color, dash }, line) {
    const off = (ends, sign) => line.mean.map((mean, i) => (ends[i] === null ? 0 : sign * (ends[i] - mean)));
    const percent = (share) => `${+(100 * share).toPrecision(6)} %`;
    return {
      name: title,
      meta: arm,
      x: chosen("axis") === "count" ? line.count : line.x,
      y: line.mean,
      customdata: line.x.map((x, i) => [
        percent(x),
        line.count[i],
        line.low[i] === null ? "no interval" : `95 % ${line.low[i].toFixed(3)} to ${line.high[i].toFixed(3)}`,
        line.n[i],
      ]),
      hovertemplate: "%{y:.3f}, %{customdata[2]}, n = %{customdata[3]}<br>%{customdata[0]}, %{customdata[1]} rows",
      error_y: { type: "data", symmetric: false, array: off(line.high, 1), arrayminus: off(line.low, -1), thickness: 1, width: 0 },
      mode: "lines+markers",
      line: { color, dash, width: 2 },
      marker: { symbol: symbols[chosen("classifier")], size: 8 },
      visible: hidden.has(arm) ? "legendonly" : true,
    };
  }

  function draw() {
    const lines = points[chosen("dataset")]?.[chosen("metric")]?.[chosen("classifier")] ?? {};
    const traces = arms.filter((arm) => arm.name in lines).map((arm) => trace(arm, lines[arm.name]));
    const text = getComputedStyle(document.body).color;
    const shares = [...new Set(Object.values(lines).flatMap((line) => line.x))].sort((a, b) => a - b);
    Plotly.react(
      canvas,
      traces,
      {
        autosize: true,
        height: 520,
        margin: { l: 60, r: 16, t: 16, b: 56 },
        paper_bgcolor: "rgba(0,0,0,0)",
        plot_bgcolor: "rgba(0,0,0,0)",
        font: { color: text },
        xaxis: {
          type: "log",
          title: { text: shown("axis"), standoff: 8 },
          gridcolor: "rgba(128,128,128,0.25)",
          ...(chosen("axis") === "count" ? {} : { tickvals: shares, ticktext: shares.map((share) => `${+(100 * share).toPrecision(6)}%`) }),
        },
        yaxis: { title: { text: shown("metric") }, gridcolor: "rgba(128,128,128,0.25)", zeroline: false },
        legend: { orientation: "h", y: -0.28 },
        hovermode: "closest",
      },
      { responsive: true, displayModeBar: false }
    );
    canvas.setAttribute("role", "img");
    canvas.setAttribute(
      "aria-label",
      `${shown("metric")} on ${shown("dataset")} with ${shown("classifier")}, a line per arm`
    );
  }

  draw();
  canvas.on("plotly_legendclick", ({ data, curveNumber }) => {
    const arm = data[curveNumber].meta;
    if (!hidden.delete(arm)) hidden.add(arm);
  });
  new MutationObserver(draw).observe(document.documentElement, { attributeFilter: ["data-theme"] });
})();
