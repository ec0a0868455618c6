"use strict";
// The page as a whole: language, theme, contents, and when each section is drawn.
(() => {
  const { make, text, format, address, remember } = Naruki;
  const root = document.documentElement;
  const main = document.getElementById("main");
  let drawing = 0;

  function draw() {
    root.lang = Naruki.language;
    root.dataset.ready = "no";
    for (const element of document.querySelectorAll("[data-text]")) element.textContent = text(element.dataset.text);
    for (const element of document.querySelectorAll("[data-label]")) element.setAttribute("aria-label", text(element.dataset.label));
    document.title = text("page_title");
    header();
    contents();
    main.querySelectorAll("section").forEach((section) => section.remove());
    main.append(...Naruki.sections.map(({ id }) => make("section", { id, "aria-labelledby": `${id}-title` },
      make("h2", { id: `${id}-title`, tabindex: "-1" }, text(`${id}_title`)), make("div", { class: "body" }))));
    drawing += 1;
    later([...Naruki.sections], drawing);
  }

  // One section after the other, so that the first ones are there at once. A newer drawing stops an older one.
  function later([section, ...left], number) {
    if (number !== drawing) return;
    fill(section);
    performance.mark(`${section.id}_shown`);
    Naruki.charts.watch();
    // The list stands: while the rest is drawn, the chart library comes.
    if (section.id === "actions") Naruki.charts.load();
    if (left.length) setTimeout(() => later(left, number), 0);
    else finish();
  }

  function fill({ id, build }) {
    const body = document.querySelector(`#${id} .body`);
    try {
      body.replaceChildren(...build().flat(2).filter(Boolean));
    } catch (error) {
      body.replaceChildren(make("p", { class: "note" }, text("section_failed")));
      console.error(error);
    }
  }

  function finish() {
    follow();
    arrive();
    Naruki.card.fromAddress();
    root.dataset.ready = "yes";
  }

  // To the section of the address: again when all is loaded, for the browser has its own idea of where that was.
  function arrive() {
    if (address.section()) document.getElementById(address.section())?.scrollIntoView();
  }
  let moved = false;
  for (const kind of ["wheel", "touchstart", "pointerdown", "keydown"]) window.addEventListener(kind, () => { moved = true; }, { once: true, passive: true });
  window.addEventListener("load", () => requestAnimationFrame(() => moved || arrive()));

  function header() {
    const { meta, warnings } = Naruki.data;
    document.getElementById("asof").textContent = text("as_of", { date: format(meta.as_of_date, "date") });
    const age = Math.floor((Date.now() - Date.parse(meta.as_of_date)) / 86400000) - 1;
    const stale = age > meta.stale_days ? [text("stale", { n: format(age, "integer"), date: format(meta.as_of_date, "date") })] : [];
    document.getElementById("banner").replaceChildren(...[...stale, ...warnings.map(Naruki.spoken)].map((words) => make("p", {}, words)));
    document.getElementById("foot").replaceChildren(make("p", {}, text("association_note")),
      make("p", {}, text("made_from", { run: meta.version, code: meta.code_version, policy: meta.policy_version })));
    const button = document.getElementById("language");
    button.textContent = Naruki.language === "ja" ? "English" : "日本語";
    button.lang = Naruki.language === "ja" ? "en" : "ja";
    document.getElementById("theme").textContent = text(root.dataset.theme === "dark" ? "light_theme" : "dark_theme");
  }

  function contents() {
    const link = ({ id }) => make("li", {}, make("a", { href: `#${id}`, onclick: (event) => Naruki.go(event, id) }, text(`${id}_title`)));
    document.getElementById("contents").replaceChildren(make("ul", {}, Naruki.sections.map(link)));
  }

  // To a section, keeping filters in the address.
  Naruki.go = (event, id) => {
    event.preventDefault();
    address.replace(id, address.all());
    document.getElementById(id).scrollIntoView();
    document.getElementById(`${id}-title`).focus({ preventScroll: true });
  };

  // The contents show where the reader is.
  let observer = null;
  function follow() {
    observer?.disconnect();
    observer = new IntersectionObserver((seen) => {
      for (const { target, isIntersecting } of seen) {
        const link = document.querySelector(`#contents a[href="#${target.id}"]`);
        if (isIntersecting) link?.setAttribute("aria-current", "true");
        else link?.removeAttribute("aria-current");
      }
    }, { rootMargin: "-20% 0px -70% 0px" });
    main.querySelectorAll("section").forEach((section) => observer.observe(section));
  }

  document.getElementById("language").onclick = () => {
    Naruki.language = Naruki.language === "ja" ? "en" : "ja";
    remember("language", Naruki.language);
    draw();
  };
  document.getElementById("theme").onclick = () => {
    root.dataset.theme = root.dataset.theme === "dark" ? "light" : "dark";
    remember("theme", root.dataset.theme);
    draw();
  };
  document.getElementById("print").onclick = () => window.print();
  window.addEventListener("hashchange", draw);

  const asked = remember("language") ?? (navigator.language.startsWith("ja") ? "ja" : "en");
  Naruki.language = asked === "ja" ? "ja" : "en";
  root.dataset.theme = remember("theme") ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
  draw();
})();
