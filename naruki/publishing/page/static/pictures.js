"use strict";
// What each chart draws. Every number comes from the lists; here they only get a place and a colour.
Naruki.pictures = (() => {
  const { text, format, both, label, range, charts } = Naruki;
  const { lists } = Naruki.data;
  const upside = { autorange: "reversed", showgrid: false };
  const shares = { tickformat: ".0%", rangemode: "tozero" };

  function matrix(colour, cuts) {
    const tone = { money_tree: colour.green, wisdom_tree: colour.gold, money_seedling: colour.blue, testing_ground: colour.grey };
    const most = Math.max(...lists.matrix.map((row) => row.customers));
    const unit = innerWidth < 740 ? 0.6 : 1;
    const size = (rows) => rows.map((row) => unit * (6 + 20 * Math.sqrt(row.customers / most)));
    const dots = (rows, name, marker) => ({ type: "scatter", mode: "markers", name, x: rows.map((row) => row.demand), y: rows.map((row) => row.revenue), marker: { size: size(rows), ...marker } });
    const words = (row) => `${format(row.customers, "integer")} ${text("col_customers")} · ${format(row.revenue, "short_money")} · ${format(row.demand, "hours")}`;
    const data = Object.keys(tone).map((quadrant) => {
      const rows = lists.matrix.filter((row) => row.quadrant === quadrant);
      return { ...dots(rows, label("quadrant", quadrant), { color: tone[quadrant], opacity: 0.65 }), hoverinfo: "text", text: rows.map(words) };
    });
    const hidden = lists.matrix.filter((row) => row.hidden_dissatisfaction);
    data.push({ ...dots(hidden, text("col_hidden_dissatisfaction"), { color: "rgba(0,0,0,0)", line: { width: 2.5 * unit, color: colour.red } }), hoverinfo: "skip" });
    const cut = { type: "line", line: { color: colour.soft, dash: "dash", width: 1.3 } };
    const shapes = [];
    if (cuts?.demand_cut > 0) shapes.push({ ...cut, xref: "x", yref: "paper", x0: cuts.demand_cut, x1: cuts.demand_cut, y0: 0, y1: 1 });
    if (cuts?.revenue_cut > 0) shapes.push({ ...cut, xref: "paper", yref: "y", x0: 0, x1: 1, y0: cuts.revenue_cut, y1: cuts.revenue_cut });
    return { data, layout: { shapes,
      xaxis: { ...charts.powers(lists.matrix.map((row) => row.demand), "hours"), title: { text: cuts ? both(cuts, "demand_label") : "" } },
      yaxis: { ...charts.powers(lists.matrix.map((row) => row.revenue), "short_money"), title: { text: cuts ? both(cuts, "revenue_label") : "" } } } };
  }

  function capacity(colour) {
    const bar = (name, key, tone) => ({ type: "bar", orientation: "h", name, y: lists.capacity.map((row) => both(row, "pool")), x: lists.capacity.map((row) => row[key]),
      marker: { color: tone }, text: lists.capacity.map((row) => format(row[key], "hours")), textposition: "outside", cliponaxis: false, hoverinfo: "none" });
    const most = Math.max(...lists.capacity.flatMap((row) => [row.supply, row.demand]));
    return { data: [bar(text("col_supply"), "supply", colour.line), bar(text("col_needed"), "demand", colour.green)],
      layout: { barmode: "group", bargroupgap: 0.08, yaxis: upside, xaxis: { range: [0, most * 1.15] }, legend: { traceorder: "normal" } } };
  }

  function policies(colour) {
    const rows = lists.policies.filter((row) => row.value_p50 !== null);
    return { data: [{ type: "scatter", mode: "markers", y: rows.map((row) => both(row, "policy")), x: rows.map((row) => row.value_p50), hoverinfo: "text",
      text: rows.map((row) => range(row.value_p10, row.value_p90, "short_money")),
      marker: { size: 11, color: rows.map((row) => (row.policy === "optimal" ? colour.green : colour.ink)), opacity: rows.map((row) => (row.is_feasible ? 1 : 0.4)) },
      error_x: { type: "data", symmetric: false, array: rows.map((row) => row.value_p90 - row.value_p50), arrayminus: rows.map((row) => row.value_p50 - row.value_p10), color: colour.soft, thickness: 2 } }],
    layout: { yaxis: upside, xaxis: ticks(rows.flatMap((row) => [row.value_p10, row.value_p90]), []) } };
  }

  // Round numbers, written as the reader writes money. Lengths begin at zero, places need not.
  function ticks(values, origin = [0]) {
    const [least, most] = [Math.min(...values, ...origin), Math.max(...values, ...origin)];
    const rough = (most - least) / 4 || 1;
    const size = 10 ** Math.floor(Math.log10(rough));
    const step = [1, 2, 5, 10].map((times) => times * size).find((one) => one >= rough);
    const tickvals = [];
    for (let at = Math.floor(least / step) * step; at <= most + step / 2; at += step) tickvals.push(at);
    return { tickvals, ticktext: tickvals.map((tick) => format(tick, "short_money")) };
  }

  function pareto(colour) {
    const names = lists.reasons.map((row) => both(row, "reason"));
    const bar = (key, name, tone) => ({ type: "bar", orientation: "h", y: names, x: lists.reasons.map((row) => row[key]), name, marker: { color: tone }, hovertemplate: "%{x:.0%}<extra></extra>" });
    return { data: [bar("share", text("col_contacts"), colour.green), bar("cost_share", text("col_cost"), colour.gold),
      { type: "scatter", mode: "lines+markers", y: names, x: lists.reasons.map((row) => row.cumulative_contacts), name: text("col_cumulative_contacts"), line: { color: colour.soft, width: 1.5 }, marker: { size: 5 }, hovertemplate: "%{x:.0%}<extra></extra>" }],
    layout: { barmode: "group", yaxis: upside, xaxis: { ...shares, range: [0, 1.03] } } };
  }

  function themes(colour) {
    const sources = [...new Set(lists.themes.map((row) => row.source))];
    const names = [...new Map(lists.themes.map((row) => [row.theme, both(row, "theme")]))];
    const share = (theme, source) => lists.themes.find((row) => row.theme === theme && row.source === source)?.share ?? null;
    const z = names.map(([theme]) => sources.map((source) => share(theme, source)));
    return { data: [{ type: "heatmap", x: sources.map((source) => label("source", source)), y: names.map(([, name]) => name), z, zmin: 0, xgap: 3, ygap: 3, showscale: false, hoverinfo: "none",
      colorscale: [[0, colour.green_wash], [1, colour.green]], text: z.map((row) => row.map((value) => (value === null ? "" : format(value, "share")))), texttemplate: "%{text}" }],
    layout: { yaxis: upside, xaxis: { side: "top", showgrid: false, fixedrange: true }, margin: { t: 30, b: 8 } } };
  }

  function churn(colour) {
    const tone = { yes: colour.green, no: colour.grey, unknown: colour.gold };
    const bars = (preventable) => {
      const rows = lists.churn_reasons.filter((row) => row.preventable === preventable);
      return { type: "bar", orientation: "h", name: label("preventable", preventable), y: rows.map((row) => label("left_because", row.reason)), x: rows.map((row) => row.mrr_lost),
        marker: { color: tone[preventable] }, text: rows.map((row) => format(row.mrr_lost, "short_money")), textposition: "outside", cliponaxis: false, hoverinfo: "none" };
    };
    const most = Math.max(...lists.churn_reasons.map((row) => row.mrr_lost));
    return { data: Object.keys(tone).map(bars).filter((bar) => bar.x.length),
      layout: { barmode: "stack", showlegend: true, yaxis: { ...upside, categoryorder: "array", categoryarray: lists.churn_reasons.map((row) => label("left_because", row.reason)) },
        xaxis: { ...ticks([most]), range: [0, most * 1.3] } } };
  }

  return { matrix, capacity, policies, pareto, themes, churn };
})();
