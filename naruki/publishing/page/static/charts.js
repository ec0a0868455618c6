"use strict";
// Charts are drawn when they come near the window. Each has a sentence above it and a table behind it.
Naruki.charts = (() => {
  const waiting = new Map();
  let observer = null;

  // A figure: what it shows in one sentence, the picture, and the numbers behind it.
  function figure({ sentence, draw, rows, columns, id }) {
    const { make, text } = Naruki;
    const box = make("div", { class: "chart", role: "img", "aria-label": sentence });
    waiting.set(box, draw);
    const behind = make("details", {}, make("summary", {}, text("table_behind")));
    behind.addEventListener("toggle", () => {
      if (behind.open && behind.children.length === 1) behind.append(Naruki.table({ id, caption: sentence, rows, columns, stack: false }));
    });
    return make("figure", { style: "margin:0" }, make("figcaption", { class: "caption" }, sentence), box, behind);
  }

  function watch() {
    observer?.disconnect();
    observer = new IntersectionObserver((entries) => entries.filter((entry) => entry.isIntersecting).forEach(({ target }) => paint(target)), { rootMargin: "300px" });
    for (const box of waiting.keys()) box.isConnected ? observer.observe(box) : waiting.delete(box);
    window.onbeforeprint = () => [...waiting.keys()].forEach(paint);
  }

  function paint(box) {
    const draw = waiting.get(box);
    if (!draw || !window.Plotly) return;
    waiting.delete(box);
    observer.unobserve(box);
    const { data, layout = {} } = draw(colours());
    Plotly.newPlot(box, data, { ...base(), ...layout }, { displayModeBar: false, responsive: true, staticPlot: matchMedia("(pointer: coarse)").matches });
  }

  function colours() {
    const style = getComputedStyle(document.documentElement);
    return Object.fromEntries(["ink", "soft", "line", "green", "gold", "red", "blue", "grey", "sheet"].map((name) => [name, style.getPropertyValue(`--${name}`).trim()]));
  }

  function base() {
    const { ink, line } = colours();
    const axis = { gridcolor: line, zerolinecolor: line, automargin: true };
    return {
      font: { color: ink, family: getComputedStyle(document.body).fontFamily, size: 13 },
      paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)",
      margin: { l: 50, r: 20, t: 10, b: 45 }, legend: { orientation: "h", y: 1.12 },
      xaxis: axis, yaxis: axis, separators: ".,",
    };
  }

  // A small bar for one number: where it is now within its usual range. Plain SVG, drawn at once.
  function range(now, low, high) {
    if ([now, low, high].some((value) => value === null || value === undefined)) return null;
    const space = Math.max(high, now) - Math.min(low, now) || Math.abs(now) || 1;
    const from = Math.min(low, now) - space * 0.15;
    const at = (value) => ((value - from) / (space * 1.3)) * 100;
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    const part = (name, attributes) => {
      const element = document.createElementNS(svg.namespaceURI, name);
      for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
      svg.append(element);
    };
    for (const [key, value] of Object.entries({ class: "range", viewBox: "0 0 100 14", preserveAspectRatio: "none", "aria-hidden": "true" })) svg.setAttribute(key, value);
    part("rect", { class: "track", x: 0, y: 6, width: 100, height: 2 });
    part("rect", { class: "usual", x: at(low), y: 3, width: Math.max(at(high) - at(low), 1), height: 8 });
    part("rect", { class: "now", x: Math.max(at(now) - 0.8, 0), y: 0, width: 1.6, height: 14 });
    return svg;
  }

  return { figure, watch, range };
})();
