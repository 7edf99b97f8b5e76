// Tables that the notebooks publish can be sorted, and searched when they are long. What is wider than the page scrolls in a
// frame of its own, which the keyboard reaches.
document.addEventListener("DOMContentLoaded", () => {
  for (const table of document.querySelectorAll("table.datatable")) {
    for (const cell of table.querySelectorAll("td")) {
      if (cell.textContent.length > 60) cell.classList.add("sentence");
    }
    const rows = table.tBodies[0]?.rows.length ?? 0;
    if (!rows) continue;
    const numbers = JSON.parse(document.querySelector(`[data-sorts="${table.id}"]`)?.textContent ?? "[]");
    for (const [i, row] of [...table.tBodies[0].rows].entries()) {
      for (const [column, values] of numbers.entries()) if (values) row.cells[column].dataset.order = values[i] ?? Infinity;
    }
    const long = rows > 12;
    const made = new simpleDatatables.DataTable(table, {
      paging: long,
      searchable: long,
      perPage: 12,
      perPageSelect: [12, 50, ["All", 0]],
      classes: { table: "datatable-table table" },
    });
    // what is no number comes last, whichever way
    made.on("datatable.sorting", (column) => {
      if (!numbers[column]) return;
      const down = made.dom.tHead.rows[0].cells[column].getAttribute("aria-sort") === "ascending";
      for (const { cells } of made.data.data) {
        if (Math.abs(cells[column].order) === Infinity) cells[column].order = down ? -Infinity : Infinity;
      }
    });
    // the dots between page numbers are no control
    const quiet = () => {
      for (const dots of made.wrapperDOM.querySelectorAll("button[aria-hidden='true']")) dots.disabled = true;
    };
    for (const event of ["init", "page", "perpage", "search", "sort", "update"]) made.on(`datatable.${event}`, quiet);
  }
  const block = (name, parent) => {
    const made = document.createElement("div");
    made.className = name;
    parent?.append(made);
    return made;
  };
  for (const image of document.querySelectorAll("figure img")) {
    const frame = block("figure-frame");
    image.replaceWith(frame);
    frame.append(image);
    // drawn for a phone's width already
    const measure = () => frame.classList.toggle("small", image.naturalWidth <= 480);
    if (image.complete) measure();
    else image.addEventListener("load", measure);
  }
  // a wide figure on a phone: its columns below each other, then its legend
  const part = (image, [x, y, width, height], [whole, tall], parent) => {
    const made = block("figure-part", parent);
    made.style.aspectRatio = `${width} / ${height}`;
    const copy = image.cloneNode();
    Object.assign(copy.style, {
      width: `${(100 * whole) / width}%`,
      height: `${(100 * tall) / height}%`,
      left: `${(-100 * x) / width}%`,
      top: `${(-100 * y) / height}%`,
    });
    if (parent.parentNode.querySelectorAll("img").length) copy.alt = "";
    made.append(copy);
    return made;
  };
  const narrow = matchMedia("(max-width: 600px)");
  for (const script of document.querySelectorAll("[data-parts]")) {
    const { size, rows, legend } = JSON.parse(script.textContent);
    const frame = document.querySelector(`#${script.dataset.parts} .figure-frame`);
    const image = frame.querySelector("img");
    const arrange = () => {
      frame.replaceChildren(image);
      if (!narrow.matches) return;
      frame.replaceChildren();
      for (const boxes of rows) {
        const row = block("figure-row", frame);
        for (const box of boxes) part(image, box, size, row).style.flex = `${box[2]} 1 0`;
      }
      const entries = block("figure-legend", frame);
      for (const box of legend) part(image, box, size, entries).style.width = `${1.2 * box[2]}pt`;
    };
    narrow.addEventListener("change", arrange);
    arrange();
  }
  // one button shows and hides the code of the page
  const folds = document.querySelectorAll(".cell details.hide");
  if (folds.length) {
    const button = document.createElement("button");
    Object.assign(button, { type: "button", className: "btn btn-sm show-code", title: "Code of this page" });
    button.innerHTML = '<span class="btn__icon-container"><i class="fas fa-code" aria-hidden="true"></i></span><span class="visually-hidden">Code of this page</span>';
    const show = (shown) => {
      button.setAttribute("aria-pressed", shown);
      document.body.classList.toggle("quiet", !shown);
      for (const fold of folds) fold.open = shown;
    };
    button.addEventListener("click", () => show(document.body.classList.contains("quiet")));
    document.querySelector(".article-header-buttons").prepend(button);
    show(false);
  }
  // docutils calls the references a list, but not its members members
  for (const list of document.querySelectorAll(".citation-list")) list.removeAttribute("role");
  // the theme's folded part of the menu has an icon and no words
  for (const summary of document.querySelectorAll("summary")) {
    if (!summary.textContent.trim()) summary.setAttribute("aria-label", "Show or hide the pages below");
  }
  const frames = ".figure-frame, .datatable-container, .pst-scrollable-table-container";
  const fade = (frame) => frame.classList.toggle("more", frame.scrollWidth - frame.clientWidth - frame.scrollLeft > 4);
  const scrolled = ({ target }) => target.matches?.(frames) && fade(target);
  document.addEventListener("scroll", scrolled, { capture: true, passive: true });
  const reach = () => {
    for (const frame of document.querySelectorAll(frames)) {
      fade(frame);
      if (frame.scrollWidth > frame.clientWidth) {
        frame.tabIndex = 0;
        frame.setAttribute("role", "region");
        frame.setAttribute("aria-label", "wider than the page: scrolls sideways");
      } else {
        for (const name of ["tabindex", "role", "aria-label"]) frame.removeAttribute(name);
      }
    }
  };
  // fires once when it begins to watch, and again as a table changes its width with its page, its order and what is searched for
  const watcher = new ResizeObserver(reach);
  window.addEventListener("load", () => {
    for (const frame of document.querySelectorAll(frames)) {
      watcher.observe(frame);
      for (const content of frame.children) watcher.observe(content);
    }
  });
});
// on paper a table has all its rows
window.addEventListener("beforeprint", () => {
  for (const selector of document.querySelectorAll(".datatable-selector")) {
    selector.value = "0";
    selector.dispatchEvent(new Event("change", { bubbles: true }));
  }
});
