"use strict";
// The page as a whole: language, theme, contents, the address, and when each section is drawn.
Naruki.address = {
  // #section?table.key=value&… ; customer=ID opens a card.
  all() {
    return new URLSearchParams(location.hash.split("?")[1] ?? "");
  },
  section() {
    return location.hash.slice(1).split("?")[0];
  },
  read(id) {
    const found = {};
    for (const [key, value] of this.all()) if (key.startsWith(`${id}.`)) found[key.slice(id.length + 1)] = value;
    return found;
  },
  write(id, state) {
    const next = this.all();
    for (const [key, value] of Object.entries(state)) {
      if (value || value === 0 && key !== "page") next.set(`${id}.${key}`, value);
      else next.delete(`${id}.${key}`);
    }
    this.replace(id, next);
  },
  customer(id) {
    const next = this.all();
    if (id === null) next.delete("customer");
    else next.set("customer", id);
    this.replace(this.section(), next);
  },
  replace(section, values) {
    const query = values.toString();
    history.replaceState(null, "", `#${section}${query ? `?${query}` : ""}`);
  },
};

Naruki.remember = (key, value) => {
  try {
    if (value === undefined) return localStorage.getItem(`naruki.${key}`);
    localStorage.setItem(`naruki.${key}`, value);
  } catch { /* A page from the disk may have no storage; then nothing is remembered. */ }
  return null;
};

(() => {
  const { make, text } = Naruki;
  const main = document.getElementById("main");

  function draw() {
    document.documentElement.lang = Naruki.language;
    for (const element of document.querySelectorAll("[data-text]")) element.textContent = text(element.dataset.text);
    for (const element of document.querySelectorAll("[data-label]")) element.setAttribute("aria-label", text(element.dataset.label));
    document.title = text("page_title");
    header();
    contents();
    main.querySelectorAll("section").forEach((section) => section.remove());
    for (const section of Naruki.sections) main.append(outline(section));
    later([...Naruki.sections]);
  }

  function outline(section) {
    return make("section", { id: section.id, "aria-labelledby": `${section.id}-title` },
      make("h2", { id: `${section.id}-title` }, text(`${section.id}_title`)), make("div", { class: "body" }));
  }

  // One section after the other, so that the first ones are there at once.
  function later(left) {
    const section = left.shift();
    if (!section) return;
    const body = document.querySelector(`#${section.id} .body`);
    body.replaceChildren(...section.build().flat().filter(Boolean));
    (left.length === Naruki.sections.length - 1 ? (next) => next() : (next) => setTimeout(next, 0))(() => later(left));
    if (!left.length) {
      Naruki.charts.watch();
      Naruki.card.fromAddress();
      if (Naruki.address.section()) document.getElementById(Naruki.address.section())?.scrollIntoView();
      document.documentElement.dataset.ready = "yes";
    }
  }

  function header() {
    const { meta } = Naruki.data;
    document.getElementById("asof").textContent = text("as_of", { date: Naruki.format(meta.as_of_date, "date") });
    document.getElementById("banner").replaceChildren(...Naruki.data.warnings.map((warning) => make("p", {}, Naruki.both(warning, "text"))));
    document.getElementById("foot").textContent = text("made_from", { run: meta.version, code: meta.code_version, policy: meta.policy_version });
    document.getElementById("language").textContent = Naruki.language === "ja" ? "English" : "日本語";
    document.getElementById("theme").textContent = text(theme() === "dark" ? "light_theme" : "dark_theme");
  }

  function contents() {
    const links = Naruki.sections.map(({ id }) => make("li", {}, make("a", { href: `#${id}` }, text(`${id}_title`))));
    document.getElementById("contents").replaceChildren(make("ul", {}, links));
  }

  function theme() {
    return document.documentElement.dataset.theme;
  }

  function setTheme(name) {
    document.documentElement.dataset.theme = name;
  }

  document.getElementById("language").onclick = () => {
    Naruki.language = Naruki.language === "ja" ? "en" : "ja";
    Naruki.remember("language", Naruki.language);
    draw();
  };
  document.getElementById("theme").onclick = () => {
    setTheme(theme() === "dark" ? "light" : "dark");
    Naruki.remember("theme", theme());
    draw();
  };
  document.getElementById("print").onclick = () => window.print();
  window.addEventListener("hashchange", () => Naruki.card.fromAddress());

  const spoken = Naruki.remember("language") ?? (navigator.language.startsWith("ja") ? "ja" : "en");
  Naruki.language = spoken === "ja" ? "ja" : "en";
  setTheme(Naruki.remember("theme") ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light"));
  draw();
})();
