"use strict";
// A card per customer: why this tier, what would change it, what happened. Loaded in portions when it is asked for.
Naruki.card = (() => {
  const { make, text, format, both } = Naruki;
  const dialog = document.getElementById("card");
  const loaded = new Map();
  Naruki.portion = (name, cards) => loaded.get(name)(cards);

  // Portions come as scripts, because a page from the disk may not fetch.
  function portion(name) {
    if (!loaded.has(`${name}:promise`)) {
      loaded.set(`${name}:promise`, new Promise((resolve, reject) => {
        loaded.set(name, resolve);
        document.head.append(make("script", { src: `cards/${name}.js` }));
        document.head.lastElementChild.onerror = () => reject(new Error(name));
      }));
    }
    return loaded.get(`${name}:promise`);
  }

  async function open(id) {
    const place = Naruki.data.places[id];
    if (place === undefined) return notHere(id);
    const cards = await portion(String(place));
    show(cards[id]);
    Naruki.address.customer(id);
  }

  function notHere(id) {
    fill(text("no_card_title"), make("p", {}, text("no_card", { id })));
  }

  function show(card) {
    const fact = ([key, value, kind]) => make("div", {}, make("dt", {}, text(`fact_${key}`)), make("dd", {}, Array.isArray(value) ? Naruki.range(...value, kind) : format(typeof value === "object" && value ? both(value, "label") : value, kind)));
    const list = (rows, line) => make("ul", {}, rows.map((row) => make("li", {}, line(row))));
    fill(card.customer_name || card.customer_id,
      make("p", {}, make("span", { class: "tag" }, Naruki.label("quadrant", card.quadrant)), " ", make("span", { class: `tag ${card.tier}` }, Naruki.label("tier", card.tier)), " ", make("span", { class: "unknown" }, card.customer_id)),
      make("dl", { class: "facts" }, card.facts.map(fact)),
      make("h3", {}, text("why_this_tier")), list(card.reasons, (row) => both(row, "reason")),
      make("h3", {}, text("what_would_change")), card.changes.length ? list(card.changes, (row) => both(row, "change")) : make("p", {}, text("nothing_known")),
      make("h3", {}, text("goal")), make("p", {}, card.goal ?? text("goal_unknown")),
      make("h3", {}, text("timeline")),
      card.timeline.length ? make("ol", { class: "timeline" }, card.timeline.map((row) => make("li", {}, make("time", { datetime: row.on }, format(row.on, "date")), make("span", {}, both(row, "what"))))) : make("p", {}, text("nothing_known")));
  }

  function fill(title, ...content) {
    dialog.replaceChildren(make("div", { class: "sheet" },
      make("header", {}, make("h2", { id: "card-title" }, title), make("button", { type: "button", onclick: close }, text("close"))), content));
    if (!dialog.open) dialog.showModal();
  }

  function close() {
    dialog.close();
  }

  function fromAddress() {
    const id = Naruki.address.all().get("customer");
    if (id) open(id);
  }

  dialog.addEventListener("close", () => Naruki.address.customer(null));
  return { open, fromAddress };
})();
