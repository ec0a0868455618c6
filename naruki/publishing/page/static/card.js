"use strict";
// A card per customer: what to do, why this tier, what would change it, what happened. Loaded in portions when it is asked for.
Naruki.card = (() => {
  const { make, text, format, both, label, range } = Naruki;
  const dialog = document.getElementById("card");
  const portions = new Map();
  Naruki.portion = (name, cards) => portions.get(name).resolve(cards);

  // Portions come as scripts, because a page from the disk may not fetch.
  function portion(name) {
    if (!portions.has(name)) {
      const entry = {};
      entry.promise = new Promise((resolve, reject) => {
        entry.resolve = resolve;
        document.head.append(make("script", { src: `cards/${name}.js`, onerror: () => { portions.delete(name); reject(new Error(name)); } }));
      });
      portions.set(name, entry);
    }
    return portions.get(name).promise;
  }

  // Who was asked for last, and whose card stands in the dialog: another card may be on its way while one is shown or closed.
  let asked = null;
  let shown = null;

  async function open(id) {
    asked = id;
    Naruki.address.customer(id);
    const place = Naruki.data.places[id];
    if (place === undefined) return fill(text("no_card_title"), make("p", {}, text("no_card", { id })));
    try {
      const cards = await portion(String(place));
      return asked === id ? show(cards[id]) : null;
    } catch {
      return asked === id ? fill(id, make("p", {}, text("card_failed"))) : null;
    }
  }

  function show(card) {
    const list = (rows, line) => (rows.length ? make("ul", {}, rows.map((row) => make("li", {}, line(row)))) : make("p", { class: "unknown" }, text("nothing_known")));
    fill(card.customer_name || card.customer_id, tags(card),
      make("h3", {}, text("what_to_do")),
      card.actions.length ? list(card.actions, action) : make("p", { class: "unknown" }, text("nothing_due")),
      make("dl", { class: "facts" }, facts(card).map(([key, value]) => make("div", {}, make("dt", {}, text(`fact_${key}`)), make("dd", {}, value)))),
      make("div", { class: "pair" },
        make("div", {}, make("h3", {}, text("why_this_tier")), list(card.reasons.filter((row) => row.reason_en), (row) => both(row, "reason"))),
        make("div", {}, make("h3", {}, text("what_would_change")), list(card.reasons.filter((row) => row.change_en), (row) => both(row, "change")))),
      make("h3", {}, text("goal")), card.goal ? make("p", { dir: "auto" }, card.goal) : make("p", { class: "unknown" }, text("goal_unknown")),
      make("h3", {}, text("timeline")), timeline(card.timeline));
  }

  function tags(card) {
    const { tag } = Naruki.parts;
    const flags = ["hidden_dissatisfaction", "is_silent", "is_onboarding", "community_touch", "near_boundary", "not_robust"].filter((name) => card[name]);
    const words = flags.map((name) => tag(text(`tag_${name.replace("is_silent", "silent")}`), ["hidden_dissatisfaction", "is_silent"].includes(name) ? "risk" : ""));
    return make("p", { class: "tags" }, tag(label("quadrant", card.quadrant)), tag(label("tier", card.tier), card.tier), words,
      card.proposed_tier ? tag(text("tag_proposed", { tier: label("tier", card.proposed_tier) })) : null, make("span", { class: "unknown" }, card.customer_id));
  }

  function facts(card) {
    const all = [
      ["mrr", format(card.mrr, "money")], ["ltv", range(card.ltv_p10, card.ltv_p90, "short_money")], ["renewal", range(card.renewal_p_low, card.renewal_p_high, "share")],
      ["term_end", format(card.term_end_on, "date")], ["demand", format(card.demand_hours, "hours")], ["faults", format(card.vendor_fault_hours, "hours")],
      ["cost", format(card.cost_to_serve, "short_money")], ["utilisation", format(card.utilisation_rate, "share")], ["contact", format(card.days_since_contact, "integer")],
      ["touch", format(card.days_since_touch, "integer")], ["p_quadrant", format(card.p_quadrant, "share")], ["priority", format(card.priority_rank, "integer")],
      ["revenue_rank", format(card.revenue_rank, "integer")], ["owner", format(card.owner)], ["plan", format(card.plan)], ["industry", format(card.industry)],
      ["signed_up", format(card.signed_up_at, "date")],
    ];
    return all.filter(([, value]) => value !== "–");
  }

  function action(row) {
    return Naruki.marked(text("card_due", { action: `[[${both(row, "action")}]]`, reason: both(row, "reason"), date: format(row.due_on, "date") }));
  }

  // An event is [day, kind, about, detail, amount].
  function timeline(events) {
    if (!events.length) return make("p", { class: "unknown" }, text("nothing_known"));
    const names = { contact: ["channel", "reason"], touch: ["action", "outcome"], answer: ["answer", "feeling"], payment: ["payment", null], notice: ["left_because", null], move: ["tier", "tier"] };
    const line = ([day, kind, about, detail, amount]) => {
      const words = text(`event_${kind}`, { about: label(names[kind][0], about), detail: label(names[kind][1], detail), amount: format(amount, "money") });
      return make("li", { class: kind }, make("time", { datetime: day }, format(day, "date")), make("span", {}, words));
    };
    return make("ol", { class: "timeline" }, events.map(line));
  }

  function fill(title, ...content) {
    dialog.replaceChildren(make("div", { class: "sheet" },
      make("header", {}, make("h2", { id: "card-title" }, make("bdi", {}, title)), make("button", { type: "button", onclick: () => dialog.close() }, text("close"))), content.flat()));
    shown = asked;
    if (!dialog.open) dialog.showModal();
    dialog.scrollTop = 0;
  }

  function fromAddress() {
    const id = Naruki.address.all().get("customer");
    if (id) open(id);
  }

  dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
  // The browser tells of a closing later: by then the address may ask for somebody else.
  dialog.addEventListener("close", () => {
    if (!dialog.open && Naruki.address.all().get("customer") === shown) Naruki.address.customer(null);
  });
  return { open, fromAddress };
})();
