"use strict";
// One table: search, sort, filters, pages, download. State lives in the address, so that a shared link shows the same rows.
// columns: {name, label, kind, value(row), show(row), parts: [low, high]}; filters: {name, label, options: [[value, label]]}
Naruki.valueOf = (column, row) => (column.value ? column.value(row) : row[column.name]);

Naruki.table = ({ id, caption, rows, columns, filters = [], search = null, page = 20, rowClass = null, divider = null }) => {
  const { make, text, format } = Naruki;
  const state = Naruki.address.read(id);
  const hay = search && rows.map((row) => Naruki.fold(search.map((name) => row[name] ?? "").join("\n")));
  const heads = columns.map((column) => make("th", { scope: "col", class: column.number ? "number" : null },
    make("button", { type: "button", onclick: () => sortBy(column.name) }, column.label)));
  const body = make("tbody");
  const below = make("div", { class: "pages" });
  const count = make("p", { class: "count", role: "status" });

  function sortBy(name) {
    change({ sort: name, order: state.sort === name && state.order !== "down" ? "down" : "up" });
  }
  function change(values) {
    Object.assign(state, { page: 0 }, values);
    Naruki.address.write(id, state);
    draw();
  }
  function selected() {
    const words = Naruki.fold(state.search).split(/\s+/).filter(Boolean);
    const asked = filters.filter((filter) => state[filter.name]);
    const kept = rows.filter((row, i) =>
      asked.every((filter) => String(row[filter.name] ?? "") === state[filter.name]) && (!hay || words.every((word) => hay[i].includes(word))));
    const column = columns.find((one) => one.name === state.sort);
    return column ? sorted(kept, column, state.order === "down") : kept;
  }
  function sorted(kept, column, down) {
    const { compare } = new Intl.Collator(Naruki.locale(), { numeric: true });
    const missing = (value) => value === null || value === undefined;
    return kept.map((row) => [Naruki.valueOf(column, row), row])
      .sort(([x], [y]) => (missing(x) || missing(y) ? missing(x) - missing(y) : (typeof x === "string" ? compare(x, y) : x - y) * (down ? -1 : 1)))
      .map(([, row]) => row);
  }
  function draw() {
    const kept = selected();
    const last = Math.max(Math.ceil(kept.length / page) - 1, 0);
    const at = Math.min(Number(state.page) || 0, last);
    const visible = kept.slice(at * page, (at + 1) * page);
    columns.forEach((column, i) =>
      heads[i].setAttribute("aria-sort", state.sort === column.name ? (state.order === "down" ? "descending" : "ascending") : "none"));
    body.replaceChildren(...visible.flatMap((row, i) => {
      const line = make("tr", { class: rowClass?.(row) }, columns.map((column) => cell(column, row)));
      const cut = !state.sort && divider?.(row, visible[i - 1] ?? kept[at * page - 1]);
      return cut ? [make("tr", { class: "cut" }, make("td", { colspan: columns.length }, cut)), line] : [line];
    }));
    if (!visible.length) body.append(make("tr", {}, make("td", { colspan: columns.length, class: "unknown" }, text("no_rows"))));
    const place = (n) => format(n, "integer");
    count.textContent = text("rows_shown", { from: place(kept.length && at * page + 1), to: place(Math.min((at + 1) * page, kept.length)), all: place(kept.length) });
    below.replaceChildren(count, ...(last ? [step(-1, at > 0, at), step(1, at < last, at)] : []));
  }
  function cell(column, row) {
    const content = column.show ? column.show(row) : format(Naruki.valueOf(column, row), column.kind);
    return make("td", { "data-name": column.label, "data-column": column.name, class: column.number ? "number" : column.kind === "date" ? "date" : column.wide ? "wide" : null }, content ?? "–");
  }
  function step(by, possible, at) {
    return make("button", { type: "button", disabled: !possible, onclick: () => change({ page: at + by }) }, text(by < 0 ? "previous" : "next"));
  }
  function choice(filter) {
    return make("label", {}, filter.label, make("select", { name: `${id}.${filter.name}`, onchange: (event) => change({ [filter.name]: event.target.value }) },
      make("option", { value: "" }, text("all")),
      filter.options.map(([value, label]) => make("option", { value, selected: state[filter.name] === String(value) }, label))));
  }
  const tools = make("div", { class: "tools" },
    search && make("label", {}, text("search"),
      make("input", { type: "search", name: `${id}.search`, placeholder: text("search_hint"), value: state.search ?? "", oninput: (event) => change({ search: event.target.value }) })),
    filters.map(choice),
    make("button", { type: "button", class: "download", onclick: () => Naruki.download(`${id}.csv`, columns, selected()) }, text("download_csv")));
  draw();
  return make("div", { class: "listing" }, (search || filters.length || rows.length > page) && tools,
    make("div", { class: "scroll", tabindex: "0", role: "group", "aria-label": caption },
      make("table", {}, make("caption", {}, caption), make("thead", {}, make("tr", {}, heads)), body)),
    rows.length > page || search ? below : null);
};

// Cells that a spreadsheet would take for a formula (full-width signs count too) start with an apostrophe. Ranges become two columns.
Naruki.csv = (columns, rows) => {
  const safe = (value) => {
    if (value === null || value === undefined) return "";
    if (typeof value === "number") return String(value);
    const words = /^\s*[=+\-@\t\r\n|＝＋－＠]/.test(value) ? `'${value}` : String(value);
    return /[",\r\n;\t]/.test(words) || words !== words.trim() ? `"${words.replace(/"/g, '""')}"` : words;
  };
  const cells = columns.flatMap((column) => (column.parts
    ? column.parts.map((name, i) => [`${column.label} ${Naruki.text(i ? "high_suffix" : "low_suffix")}`, (row) => row[name]])
    : [[column.label, (row) => Naruki.valueOf(column, row)]]));
  if (rows[0]?.customer_id) cells.unshift([Naruki.text("col_customer_id"), (row) => row.customer_id]);
  const lines = [cells.map(([name]) => safe(name)), ...rows.map((row) => cells.map(([, value]) => safe(value(row))))];
  return `\ufeff${lines.map((line) => line.join(",")).join("\r\n")}\r\n`;
};

Naruki.download = (name, columns, rows) => {
  const link = Naruki.make("a", { download: `naruki-${Naruki.data.meta.as_of_date}-${name}`, href: URL.createObjectURL(new Blob([Naruki.csv(columns, rows)], { type: "text/csv" })) });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
};
