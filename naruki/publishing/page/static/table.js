"use strict";
// One table: search, sort, filters, pages, download. State lives in the address, so that a shared link shows the same rows.
// columns: [{name, label, kind, value(row), show(row)}], filters: [{name, label, options: [[value, label]]}]
Naruki.table = ({ id, caption, rows, columns, filters = [], search = null, page = 20, stack = true, rowClass = null, divider = null }) => {
  const { make, text, format } = Naruki;
  const state = Naruki.address.read(id);
  const shown = make("div", { class: "pages", "aria-live": "polite" });
  const body = make("tbody");
  const heads = columns.map((column) => head(column));
  const box = make("div", { class: stack ? "scroll stack" : "scroll", tabindex: "0", role: "region", "aria-label": caption },
    make("table", {}, make("caption", {}, caption), make("thead", {}, make("tr", {}, heads)), body));

  function head(column) {
    const button = make("button", { type: "button", onclick: () => sortBy(column.name) }, column.label);
    return make("th", { scope: "col", class: column.number ? "number" : null }, button);
  }
  function sortBy(name) {
    state.order = state.sort === name && state.order !== "down" ? "down" : "up";
    change({ sort: name });
  }
  function change(values) {
    Object.assign(state, { page: 0 }, values);
    Naruki.address.write(id, state);
    draw();
  }
  function selected() {
    const wanted = Naruki.fold(state.search);
    const kept = rows.filter((row) =>
      filters.every((filter) => !state[filter.name] || String(filter.value ? filter.value(row) : row[filter.name]) === state[filter.name])
      && (!wanted || Naruki.fold(search.map((name) => row[name] ?? "").join(" ")).includes(wanted)));
    const column = columns.find((one) => one.name === state.sort);
    return column ? sorted(kept, column, state.order === "down") : kept;
  }
  function sorted(kept, column, down) {
    const key = column.value ?? ((row) => row[column.name]);
    const compare = new Intl.Collator(Naruki.locale(), { numeric: true }).compare;
    return [...kept].sort((a, b) => {
      const [x, y] = [key(a), key(b)];
      if (x === null || x === undefined || y === null || y === undefined) return (x === null || x === undefined) - (y === null || y === undefined);
      return (typeof x === "number" ? x - y : compare(x, y)) * (down ? -1 : 1);
    });
  }
  function draw() {
    const kept = selected();
    const last = Math.max(Math.ceil(kept.length / page) - 1, 0);
    const at = Math.min(Number(state.page) || 0, last);
    const visible = kept.slice(at * page, (at + 1) * page);
    columns.forEach((column, i) =>
      heads[i].setAttribute("aria-sort", state.sort === column.name ? (state.order === "down" ? "descending" : "ascending") : "none"));
    body.replaceChildren(...visible.flatMap((row, i) => {
      const line = make("tr", { class: rowClass ? rowClass(row) : null }, columns.map((column) => cell(column, row)));
      const before = divider && !state.sort && divider(row, visible[i - 1] ?? kept[at * page - 1]);
      return before ? [make("tr", { class: "cut" }, make("td", { colspan: columns.length }, before)), line] : [line];
    }));
    if (!visible.length) body.append(make("tr", {}, make("td", { colspan: columns.length, class: "unknown" }, text("no_rows"))));
    shown.replaceChildren(
      text("rows_shown", { from: kept.length ? format(at * page + 1, "integer") : 0, to: format(Math.min((at + 1) * page, kept.length), "integer"), all: format(kept.length, "integer") }),
      ...(last ? [step(-1, at > 0, at), step(1, at < last, at)] : []));
    return kept;
  }
  function cell(column, row) {
    const content = column.show ? column.show(row) : format((column.value ?? ((one) => one[column.name]))(row), column.kind);
    return make("td", { "data-name": column.label, class: column.number ? "number" : null }, content ?? "–");
  }
  function step(by, possible, at) {
    return make("button", { type: "button", disabled: !possible, onclick: () => change({ page: at + by }) }, text(by < 0 ? "previous" : "next"));
  }
  const tools = make("div", { class: "tools" },
    search && make("label", {}, text("search"),
      make("input", { type: "search", value: state.search ?? "", oninput: (event) => change({ search: event.target.value }) })),
    filters.map((filter) => make("label", {}, filter.label, make("select", { onchange: (event) => change({ [filter.name]: event.target.value }) },
      make("option", { value: "" }, text("all")),
      filter.options.map(([value, label]) => make("option", { value, selected: state[filter.name] === String(value) }, label))))),
    make("button", { type: "button", onclick: () => Naruki.download(`${id}.csv`, columns, selected()) }, text("download_csv")));
  draw();
  return make("div", {}, tools, box, shown);
};

// Cells that a spreadsheet would take for a formula start with an apostrophe.
Naruki.csv = (columns, rows) => {
  const plain = (value) => {
    if (value === null || value === undefined) return "";
    if (typeof value === "number") return String(value);
    const safe = /^[\s]*[=+\-@\t\r]/.test(value) ? `'${value}` : String(value);
    return /[",\r\n]/.test(safe) ? `"${safe.replace(/"/g, '""')}"` : safe;
  };
  const lines = rows.map((row) => columns.map((column) => plain((column.value ?? ((one) => one[column.name]))(row))).join(","));
  return ["\ufeff" + columns.map((column) => plain(column.label)).join(","), ...lines].join("\r\n") + "\r\n";
};

Naruki.download = (name, columns, rows) => {
  const link = Naruki.make("a", { download: name, href: URL.createObjectURL(new Blob([Naruki.csv(columns, rows)], { type: "text/csv" })) });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
};
