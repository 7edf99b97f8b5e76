// Tables that the notebooks publish can be sorted, and searched when they are long.
document.addEventListener("DOMContentLoaded", () => {
  for (const table of document.querySelectorAll("table.datatable")) {
    for (const cell of table.querySelectorAll("td")) {
      if (cell.textContent.length > 60) cell.classList.add("sentence");
    }
    const long = table.tBodies[0].rows.length > 12;
    new simpleDatatables.DataTable(table, {
      paging: long,
      searchable: long,
      perPage: 12,
      perPageSelect: [12, 50, ["All", 0]],
      classes: { table: "datatable-table table" },
    });
  }
});
