"use strict";
// The eight sections of Monday morning. Each returns what stands below its heading.
(() => {
  const { make, text, format, both, range } = Naruki;
  const { data } = Naruki;
  const label = (kind, code) => both(data.labels[kind]?.[code] ?? { label_en: code ?? "–" }, "label");
  const options = (kind, codes) => codes.map((code) => [code, label(kind, code)]);
  const distinct = (rows, name) => [...new Set(rows.map((row) => row[name]).filter(Boolean))].sort();
  const lead = (words) => make("p", { class: "lead" }, words);
  const note = (words) => make("p", { class: "note" }, words);
  const tag = (kind, code) => (code ? make("span", { class: `tag ${code}` }, label(kind, code)) : "–");
  const customer = (row) => make("button", { type: "button", class: "quiet", onclick: () => Naruki.card.open(row.customer_id) }, row.customer_name || row.customer_id);
  const column = (name, kind, more = {}) => ({ name, label: text(`col_${name}`), kind, number: !["text", "date"].includes(kind), ...more });
  const worded = (name, more = {}) => column(name, "text", { value: (row) => both(row, name), ...more });
  const nothing = (key) => [note(text(key))];

  function week() {
    const cards = data.week.map((row) => make("li", { class: row.state },
      make("p", { class: "name" }, both(row, "label")),
      make("p", { class: "now" }, format(row.now, row.unit)),
      make("p", { class: "was" }, text("four_weeks_ago", { value: format(row.before, row.unit) }), " · ", text("usual", { range: range(row.usual_low, row.usual_high, row.unit) })),
      Naruki.charts.range(row.now, row.usual_low, row.usual_high),
      make("p", { class: "why" }, make("span", { class: "state" }, text(`state_${row.state}`)), " ", both(row, "why"))));
    return [lead(both(data.headlines.week, "text")), make("ul", { class: "cards" }, cards)];
  }

  function actions() {
    const { meta } = data;
    const columns = [
      column("rank", "integer"),
      column("customer_name", "text", { show: customer }),
      column("quadrant", "text", { value: (row) => label("quadrant", row.quadrant) }),
      column("tier", "text", { value: (row) => label("tier", row.tier), show: (row) => tag("tier", row.tier) }),
      worded("reason"), worded("action"),
      column("hours", "hours"),
      column("value_high", "money", { show: (row) => range(row.value_low, row.value_high, "short_money") }),
      column("due_on", "date"), column("owner", "text"),
    ];
    const filters = ["tier", "quadrant", "owner"].map((name) => ({ name, label: text(`col_${name}`), options: name === "owner" ? distinct(data.actions, name).map((one) => [one, one]) : options(name, distinct(data.actions, name)) }));
    return [lead(both(data.headlines.actions, "text")),
      meta.actions_total > data.actions.length ? note(text("list_cut", { n: format(data.actions.length, "integer"), all: format(meta.actions_total, "integer") })) : null,
      Naruki.table({ id: "actions", caption: text("actions_caption"), rows: data.actions, columns, filters, search: ["customer_name", "customer_id", "owner", "reason_en", "reason_ja", "action_en", "action_ja"],
        rowClass: (row) => (row.is_below_line ? "below" : null),
        divider: (row, before) => (row.is_below_line && !before?.is_below_line ? text("hours_end_here") : null) })];
  }

  function matrix() {
    const { cuts } = data;
    const summary = [
      column("quadrant", "text", { value: (row) => label("quadrant", row.quadrant) }), worded("purpose"),
      column("customers", "integer"), column("customers_share", "share"), column("revenue", "short_money"), column("revenue_share", "share"),
      column("hours", "hours"), column("hours_share", "share"), column("near_boundary", "integer"), column("hidden_dissatisfaction", "integer"),
    ];
    const draw = (colours) => ({
      data: [{ type: "scattergl", mode: "markers", x: data.matrix.map((row) => row.demand), y: data.matrix.map((row) => row.revenue),
        marker: { size: data.matrix.map((row) => 5 + 4 * Math.log2(row.customers)), color: colours.green, opacity: 0.45 },
        text: data.matrix.map((row) => text("n_customers", { n: row.customers })), hoverinfo: "text" }],
      layout: { xaxis: { title: { text: both(cuts, "demand_label") }, type: "log", gridcolor: colours.line, automargin: true },
        yaxis: { title: { text: both(cuts, "revenue_label") }, type: "log", gridcolor: colours.line, automargin: true }, showlegend: false,
        shapes: [["x", cuts.demand_cut], ["y", cuts.revenue_cut]].filter(([, at]) => at > 0).map(([axis, at]) => ({ type: "line", line: { color: colours.gold, dash: "dash" },
          ...(axis === "x" ? { x0: at, x1: at, yref: "paper", y0: 0, y1: 1 } : { y0: at, y1: at, xref: "paper", x0: 0, x1: 1 }) })),
        annotations: [["money_tree", 0, 1], ["wisdom_tree", 1, 1], ["money_seedling", 0, 0], ["testing_ground", 1, 0]].map(([code, x, y]) => ({ xref: "paper", yref: "paper", x, y, showarrow: false,
          xanchor: x ? "right" : "left", yanchor: y ? "top" : "bottom", text: label("quadrant", code), font: { color: colours.soft, size: 14 } })) },
    });
    return [lead(both(data.headlines.matrix, "text")),
      Naruki.charts.figure({ id: "cells", sentence: text("matrix_sentence"), draw, rows: data.matrix, columns: [column("demand", "decimal"), column("revenue", "money"), column("customers", "integer")] }),
      Naruki.table({ id: "quadrants", caption: text("quadrants_caption"), rows: data.quadrants, columns: summary, stack: false })];
  }

  function capacity() {
    const columns = [worded("pool"), column("supply", "hours"), column("demand", "hours"), column("load", "ratio"), column("unserved", "hours"), column("hour_price", "short_money")];
    const draw = (colours) => ({
      data: [["supply", colours.grey], ["demand", colours.green]].map(([name, color]) => ({ type: "bar", name: text(`col_${name}`), x: data.capacity.map((row) => both(row, "pool")), y: data.capacity.map((row) => row[name]), marker: { color } })),
      layout: { barmode: "group", yaxis: { title: { text: text("hours_a_week") }, gridcolor: colours.line, automargin: true } },
    });
    const policies = [worded("policy"), column("hours", "hours"), column("high", "integer"), column("low", "integer"), column("tech", "integer"),
      column("value_p50", "short_money"), column("value_p90", "short_money", { show: (row) => range(row.value_p10, row.value_p90, "short_money"), label: text("col_value_range") }), worded("feasible")];
    const whatif = [worded("change"), column("value_change", "short_money"), column("moves", "integer")];
    return [lead(both(data.headlines.capacity, "text")),
      Naruki.charts.figure({ id: "pools", sentence: text("capacity_sentence"), draw, rows: data.capacity, columns }),
      make("h3", {}, text("policies_title")), note(text("policies_note")),
      Naruki.table({ id: "policies", caption: text("policies_title"), rows: data.policies, columns: policies, stack: false }),
      data.whatif.length ? make("h3", {}, text("whatif_title")) : null,
      data.whatif.length ? Naruki.table({ id: "whatif", caption: text("whatif_note"), rows: data.whatif, columns: whatif, stack: false }) : null];
  }

  function moves() {
    if (!data.moves.length) return [lead(both(data.headlines.moves, "text"))];
    const columns = [column("customer_name", "text", { show: customer }), column("from_tier", "text", { value: (row) => label("tier", row.from_tier) }),
      column("to_tier", "text", { value: (row) => label("tier", row.to_tier) }), worded("cause"), worded("evidence"), column("certainty", "share"), worded("approval")];
    const filters = [{ name: "cause", label: text("col_cause"), options: distinct(data.moves, "cause").map((code) => [code, both(data.moves.find((row) => row.cause === code), "cause")]) }];
    return [lead(both(data.headlines.moves, "text")),
      Naruki.table({ id: "moves", caption: text("moves_caption"), rows: data.moves, columns, filters, search: ["customer_name", "customer_id"] })];
  }

  function reasons() {
    if (!data.reasons.length) return nothing("no_tickets");
    const columns = [worded("reason"), column("contacts", "integer"), column("share", "share"), column("cumulative_contacts", "share"), column("hours", "hours"), column("cost", "short_money"),
      column("cumulative_cost", "share"), worded("article"), column("avoided_high", "hours", { show: (row) => range(row.avoided_low, row.avoided_high, "hours"), label: text("col_avoided") })];
    const names = data.reasons.map((row) => both(row, "reason"));
    const draw = (colours) => ({
      data: [{ type: "bar", x: names, y: data.reasons.map((row) => row.share), name: text("col_share"), marker: { color: colours.green } },
        { type: "scatter", mode: "lines+markers", x: names, y: data.reasons.map((row) => row.cumulative_contacts), name: text("col_cumulative_contacts"), line: { color: colours.gold } },
        { type: "scatter", mode: "lines", x: names, y: data.reasons.map((row) => row.cumulative_cost), name: text("col_cumulative_cost"), line: { color: colours.blue, dash: "dot" } }],
      layout: { yaxis: { tickformat: ".0%", range: [0, 1.05], gridcolor: colours.line, automargin: true } },
    });
    return [lead(both(data.headlines.reasons, "text")), Naruki.charts.figure({ id: "pareto", sentence: text("reasons_sentence"), draw, rows: data.reasons, columns })];
  }

  function voice() {
    const sources = distinct(data.themes, "source");
    const themes = [...new Map(data.themes.map((row) => [row.theme, both(row, "theme")]))];
    const draw = (colours) => ({
      data: sources.map((source, i) => ({ type: "bar", orientation: "h", name: label("source", source), y: themes.map(([, name]) => name),
        x: themes.map(([theme]) => data.themes.find((row) => row.theme === theme && row.source === source)?.share ?? null), marker: { color: [colours.green, colours.gold, colours.blue, colours.red, colours.grey][i % 5] } })),
      layout: { barmode: "group", height: 140 + 46 * themes.length, xaxis: { tickformat: ".0%", gridcolor: colours.line }, yaxis: { automargin: true, autorange: "reversed" } },
    });
    const silent = [column("customer_name", "text", { show: customer }), column("tier", "text", { value: (row) => label("tier", row.tier) }), worded("silence"), column("days_since_contact", "integer"), column("usage_change", "share"), column("mrr", "money")];
    const unmet = [worded("request"), column("requests", "integer"), column("customers", "integer"), column("revenue", "short_money"), worded("roadmap")];
    return [lead(both(data.headlines.voice, "text")),
      data.themes.length ? Naruki.charts.figure({ id: "themes", sentence: text("voice_sentence"), draw, rows: data.themes,
        columns: [worded("theme"), column("source", "text", { value: (row) => label("source", row.source) }), column("n", "integer"), column("share", "share")] }) : note(text("no_voice")),
      make("h3", {}, text("silent_title")), note(both(data.headlines.silent, "text")),
      Naruki.table({ id: "silent", caption: text("silent_caption"), rows: data.silent, columns: silent, filters: [{ name: "silence", label: text("col_silence"), options: distinct(data.silent, "silence").map((code) => [code, both(data.silent.find((row) => row.silence === code), "silence")]) }], search: ["customer_name", "customer_id"], page: 10 }),
      data.unmet.length ? make("h3", {}, text("unmet_title")) : null,
      data.unmet.length ? Naruki.table({ id: "unmet", caption: text("unmet_caption"), rows: data.unmet, columns: unmet, page: 10 }) : null];
  }

  function churn() {
    const ahead = [column("customer_name", "text", { show: customer }), column("term_end_on", "date"), column("mrr", "money"),
      column("renewal_p", "share"), column("renewal_p_high", "share", { show: (row) => range(row.renewal_p_low, row.renewal_p_high, "share"), label: text("col_renewal_range") }), worded("human")];
    const why = [worded("reason"), column("customers", "integer"), column("mrr_lost", "short_money"), worded("controllable")];
    const draw = (colours) => ({
      data: [{ type: "bar", orientation: "h", y: data.churn_reasons.map((row) => both(row, "reason")), x: data.churn_reasons.map((row) => row.mrr_lost),
        marker: { color: data.churn_reasons.map((row) => (row.is_controllable === true ? colours.green : row.is_controllable === false ? colours.grey : colours.gold)) } }],
      layout: { yaxis: { automargin: true, autorange: "reversed" }, height: 120 + 34 * data.churn_reasons.length },
    });
    return [lead(both(data.headlines.churn, "text")),
      data.churn_reasons.length ? Naruki.charts.figure({ id: "why_left", sentence: text("churn_sentence"), draw, rows: data.churn_reasons, columns: why }) : note(text("no_churn")),
      note(both(data.headlines.supported, "text")),
      make("h3", {}, text("renewals_title")),
      Naruki.table({ id: "renewals", caption: text("renewals_caption"), rows: data.renewals, columns: ahead, search: ["customer_name", "customer_id"], page: 10 })];
  }

  Naruki.label = label;
  Naruki.sections = Object.entries({ week, actions, matrix, capacity, moves, reasons, voice, churn }).map(([id, build]) => ({ id, build }));
})();
