"use strict";
// What sections are made of: columns, notes, names that open a card.
Naruki.parts = (() => {
  const { make, text, both, label } = Naruki;
  const column = (name, kind = "text", more = {}) => ({ name, label: text(`col_${name}`), kind, number: !["text", "date"].includes(kind), ...more });
  // Two columns of the table, low and high, shown as one range and sorted by the high end.
  const ranged = (name, low, high, kind, more = {}) =>
    column(name, kind, { parts: [low, high], value: (row) => row[high], show: (row) => Naruki.range(row[low], row[high], kind), ...more });
  const worded = (name, more = {}) => column(name, "text", { wide: true, value: (row) => both(row, name), ...more });
  const coded = (name, kind = name, more = {}) => column(name, "text", { value: (row) => (row[name] ? label(kind, row[name]) : null), ...more });
  const tagged = (name) => coded(name, name, { show: (row) => (row[name] ? tag(label(name, row[name]), row[name]) : "–") });
  const headline = (...names) => names.flatMap((name) => [...Naruki.marked(Naruki.spoken(Naruki.data.headlines[name])), Naruki.language === "ja" ? "" : " "]);
  const lead = (...names) => make("p", { class: "lead" }, headline(...names));
  const note = (...words) => make("p", { class: "note" }, words.flat());
  const title = (key) => make("h3", {}, text(key));
  const tag = (words, kind = "") => make("span", { class: `tag ${kind}` }, words);
  const distinct = (rows, name) => [...new Set(rows.map((row) => row[name]).filter(Boolean))].sort();
  const choice = (rows, name, kind = name) => ({ name, label: text(`col_${name}`), options: distinct(rows, name).map((code) => [code, kind ? label(kind, code) : code]) });
  const customer = (more = {}) => column("customer_name", "text", { wide: true, show: link, value: (row) => row.customer_name || row.customer_id, ...more });

  // A real link, so that it can be shared and opened in a new tab.
  function link(row) {
    const open = (event) => {
      if (event.metaKey || event.ctrlKey || event.shiftKey) return;
      event.preventDefault();
      Naruki.card.open(row.customer_id);
    };
    return make("a", { class: "customer", href: `#actions?customer=${encodeURIComponent(row.customer_id)}`, onclick: open }, make("bdi", {}, row.customer_name || row.customer_id));
  }

  // How full a team's hours are.
  function meter(share) {
    const bar = make("span", { class: share > 1 ? "bar over" : "bar" });
    bar.style.width = `${Math.min(Math.max(share, 0), 1) * 100}%`;
    return make("span", { class: "meter", "aria-hidden": "true" }, bar);
  }

  return { headline, column, ranged, worded, coded, tagged, lead, note, title, tag, choice, customer, meter };
})();
