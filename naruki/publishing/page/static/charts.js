"use strict";
// Charts are drawn when they come near the window. Each has a sentence above it and a table behind it.
Naruki.charts = (() => {
  const waiting = new Map();
  let observer = null;

  // A figure: what it shows in one sentence, the picture, and the numbers behind it. `open` shows the numbers at once.
  function figure({ sentence, draw, rows, columns, id, height = 320, width = null, open = false }) {
    const { make, text } = Naruki;
    const box = make("div", { class: "chart", id: `${id}-chart`, role: "img", "aria-label": sentence });
    box.style.height = `${height}px`;
    if (width) box.style.maxWidth = `${width}px`;
    waiting.set(box, draw);
    const table = () => Naruki.table({ id, caption: text("table_behind"), rows, columns });
    if (open) return make("figure", {}, make("figcaption", {}, sentence), box, table());
    const behind = make("details", {}, make("summary", {}, text("table_behind")));
    behind.ontoggle = () => { if (behind.open && behind.children.length === 1) behind.append(table()); };
    return make("figure", {}, make("figcaption", {}, sentence), box, behind);
  }

  function watch() {
    observer?.disconnect();
    observer = new IntersectionObserver((seen) => seen.filter((entry) => entry.isIntersecting).forEach(({ target }) => paint(target)), { rootMargin: "400px" });
    for (const box of waiting.keys()) {
      if (box.isConnected) observer.observe(box);
      else waiting.delete(box);
    }
  }

  // The chart library is large, so it is asked for when words and tables are there.
  function load() {
    if (!document.getElementById("plotly")) document.head.append(Naruki.make("script", { id: "plotly", src: "plotly.min.js", onload: watch }));
  }
  window.addEventListener("beforeprint", () => {
    document.querySelectorAll("figure details").forEach((behind) => { behind.open = true; });
    [...waiting.keys()].forEach(paint);
  });

  function paint(box) {
    const draw = waiting.get(box);
    if (!draw || !window.Plotly) return;
    waiting.delete(box);
    observer.unobserve(box);
    const colour = colours();
    const { data, layout = {} } = draw(colour);
    const phone = matchMedia("(max-width: 46rem)").matches;
    Plotly.newPlot(box, data, merged(base(colour, phone), layout), { displayModeBar: false, responsive: true, staticPlot: phone })
      .then(() => {
      performance.mark("chart_drawn");
      box.dataset.drawn = "yes";
    });
  }

  function merged(one, other) {
    const both = { ...one, ...other };
    for (const axis of ["xaxis", "yaxis", "legend", "margin"]) both[axis] = { ...one[axis], ...other[axis] };
    return both;
  }

  function colours() {
    const style = getComputedStyle(document.documentElement);
    const names = ["ink", "soft", "line", "green", "green-wash", "gold", "red", "blue", "grey", "sheet"];
    return Object.fromEntries(names.map((name) => [name.replace("-", "_"), style.getPropertyValue(`--${name}`).trim()]));
  }

  function base({ ink, line, sheet }, phone) {
    const axis = { gridcolor: line, zerolinecolor: line, linecolor: line, automargin: true, fixedrange: true };
    return {
      font: { color: ink, family: getComputedStyle(document.body).fontFamily, size: phone ? 11.5 : 13 },
      paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)", bargap: 0.35, dragmode: false,
      margin: { l: 8, r: 16, t: 8, b: 36 }, legend: { orientation: "h", x: 0, y: 1, yanchor: "bottom" }, hoverlabel: { bgcolor: sheet, font: { color: ink } },
      xaxis: axis, yaxis: { ...axis },
    };
  }

  // Ticks at powers of ten, written as the reader writes them.
  function powers(values, kind) {
    const logs = values.filter((value) => value > 0).map(Math.log10);
    const ticks = [];
    for (let power = Math.floor(Math.min(...logs)); power <= Math.ceil(Math.max(...logs)); power += 1) ticks.push(10 ** power);
    return { type: "log", tickvals: ticks, ticktext: ticks.map((tick) => Naruki.format(tick, kind)) };
  }

  // A small picture of one measure: what was, the usual range as a band, and where it is now. Plain SVG, drawn at once.
  function trend(history, low, high) {
    if (!history || history.length < 3) return null;
    const known = [...history, low, high].filter((value) => value !== null && value !== undefined);
    const [least, most] = [Math.min(...known), Math.max(...known)];
    const y = (value) => 34 - ((value - least) / (most - least || 1)) * 28;
    const x = (i) => 3 + (i * 194) / (history.length - 1);
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    const part = (element, attributes) => {
      for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
      return element;
    };
    const add = (name, attributes) => svg.append(part(document.createElementNS(svg.namespaceURI, name), attributes));
    part(svg, { class: "trend", viewBox: "0 0 200 40", preserveAspectRatio: "xMinYMid", "aria-hidden": "true" });
    if (low !== null && low !== undefined) add("rect", { class: "usual", x: 0, width: 200, y: y(high), height: Math.max(y(low) - y(high), 1.5) });
    add("polyline", { class: "line", points: history.map((value, i) => `${x(i)},${y(value)}`).join(" ") });
    add("circle", { class: "now", cx: x(history.length - 1), cy: y(history.at(-1)), r: 3.5 });
    return svg;
  }

  return { figure, watch, load, powers, trend };
})();
