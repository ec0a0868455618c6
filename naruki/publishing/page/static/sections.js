"use strict";
// The eight sections of Monday morning. Each returns what stands below its heading. A list that is null was not published.
Naruki.sections = (() => {
  const { make, text, format, both, range, label, charts } = Naruki;
  const { headline, column, ranged, worded, coded, tagged, lead, note, title, choice, customer, meter } = Naruki.parts;
  const { lists, meta } = Naruki.data;
  const known = (rows) => rows !== null && rows.length > 0;

  function week() {
    const questions = ["actions", "capacity", "hour", "voice", "silent", "moves"];
    const place = { hour: "capacity", silent: "voice" };
    const more = { capacity: ["short"], hour: ["next_hour"] };
    const answers = questions.map((name) => {
      const section = place[name] ?? name;
      return make("li", {}, make("h4", {}, text(`question_${name}`)), make("p", {}, headline(name, ...(more[name] ?? []))),
        make("a", { href: `#${section}`, onclick: (event) => Naruki.go(event, section) }, text(`${section}_title`)));
    });
    return [lead("week"), title("answers_title"), make("ul", { class: "answers" }, answers),
      title("measures_title"), note(text("measures_note")), make("ul", { class: "cards" }, Naruki.data.week.map(measure)),
      known(lists.failures) ? [title("failures_title"), make("ul", { class: "cards four" }, lists.failures.map(failure))] : null];
  }

  function measure(row) {
    const usual = row.usual_low === null ? null : text("usual", { range: range(row.usual_low, row.usual_high, row.unit) });
    const before = row.before === null ? null : text("four_weeks_ago", { value: format(row.before, row.unit) });
    return make("li", { class: row.state }, make("p", { class: "name" }, label("measure", row.measure)),
      make("p", { class: "now" }, format(row.now, row.unit)), charts.trend(row.history, row.usual_low, row.usual_high),
      make("p", { class: "was" }, [before, usual].filter(Boolean).join(" · ")),
      make("p", { class: "why" }, make("span", { class: "state" }, text(`state_${row.state}`)), make("br"), Naruki.spoken(row.why)));
  }

  function failure(row) {
    const kind = (name) => (name === "hours" ? "hours" : "share");
    const values = Object.fromEntries(["cause", "effect"].flatMap((side) => {
      const metric = row[`${side}_metric`];
      return [[side, label("metric", metric)], ...["before", "now"].map((when) => [`${side}_${when}`, format(row[`${side}_${when}`], kind(metric))])];
    }));
    const measured = row.cause_now !== null || row.effect_now !== null;
    return make("li", { class: row.state }, make("p", { class: "name" }, both(row, "label")), make("p", { class: "now small" }, label("failure", row.status)),
      row.status_before && row.status_before !== row.status ? make("p", { class: "was" }, text("four_weeks_ago", { value: label("failure", row.status_before) })) : null,
      make("p", { class: "why" }, both(row, "meaning"), row.state === "unknown" ? [make("br"), text("failure_unknown")] : null, measured ? [make("br"), text("why_failure", values)] : null));
  }

  function actions() {
    const rows = lists.actions;
    if (!known(rows)) return [lead("actions")];
    const columns = [column("rank", "integer"), customer(), coded("quadrant"), tagged("tier"), worded("reason"), worded("action"), column("hours", "hours"),
      ranged("value", "value_low", "value_high", "short_money"),
      column("due_on", "date", { show: (row) => make("span", { class: row.is_overdue ? "late" : null }, format(row.due_on, "date"), row.is_overdue ? ` (${text("overdue")})` : null) }),
      column("owner")];
    return [lead("actions"), teams(),
      meta.actions_total > rows.length ? note(text("list_cut", { n: format(rows.length, "integer"), all: format(meta.actions_total, "integer") })) : null,
      Naruki.table({ id: "actions", caption: text("actions_caption"), rows, columns, filters: [choice(rows, "tier"), choice(rows, "quadrant"), choice(rows, "owner", null)],
        search: ["customer_name", "customer_id", "owner", "reason_en", "reason_ja", "action_en", "action_ja"], rowClass: (row) => (row.is_below_line ? "below" : null),
        divider: (row, before) => (row.is_below_line && !before?.is_below_line ? text("hours_end_here") : null) })];
  }

  function teams() {
    if (!known(lists.teams)) return null;
    const line = (row) => make("li", {}, make("span", { class: "name" }, both(row, "pool")), meter(row.hours_listed / (row.hours_there || 1)),
      make("span", { class: "was" }, text("team_hours", { used: format(row.hours_listed, "hours"), there: format(row.hours_there, "hours") }),
        row.actions_below ? ` · ${text("team_below", { n: format(row.actions_below, "integer"), hours: format(row.hours_below, "hours") })}` : null));
    return make("ul", { class: "teams", "aria-label": text("teams_caption") }, lists.teams.map(line));
  }

  function matrix() {
    const [cuts] = lists.cuts ?? [];
    if (!known(lists.quadrants)) return [lead("matrix")];
    const summary = [coded("quadrant"), worded("purpose"), column("customers", "integer"), column("customers_share", "share"), column("revenue", "short_money"), column("revenue_share", "share"),
      column("hours", "hours"), column("hours_share", "share"), column("near_boundary", "integer"), column("hidden_dissatisfaction", "integer")];
    const cells = [coded("quadrant"), column("demand", "decimal"), column("revenue", "short_money"), column("customers", "integer"), column("hidden_dissatisfaction", "integer")];
    return [lead("matrix"),
      known(lists.matrix) ? charts.figure({ id: "density", sentence: text("matrix_sentence"), height: 440, draw: (colour) => Naruki.pictures.matrix(colour, cuts), rows: lists.matrix, columns: cells }) : null,
      note(text("matrix_left_out")),
      Naruki.table({ id: "quadrants", caption: text("quadrants_caption"), rows: lists.quadrants, columns: summary })];
  }

  function capacity() {
    const teamColumns = [worded("pool"), column("supply", "hours"), column("demand", "hours", { label: text("col_needed") }), column("load", "share"),
      column("unserved", "hours"), column("unserved_at_worst", "hours"), column("hour_price", "money")];
    const policies = [worded("policy"), column("high", "integer"), column("low", "integer"), column("tech", "integer"), column("hours", "hours"), column("hours_short", "hours"),
      ranged("value_range", "value_p10", "value_p90", "short_money"), ranged("back_test", "back_test_low", "back_test_high", "short_money")];
    const changes = [worded("change", { value: (row) => (row.extra_hours === null ? both(row, "change") : text("whatif_change", { team: both(row, "change"), sign: row.extra_hours < 0 ? "−" : "+", n: Math.abs(row.extra_hours) })) }),
      ranged("value_change", "value_low", "value_high", "short_money"), column("churn_change", "decimal"), column("moves", "integer")];
    const effects = [coded("kind"), worded("name"), coded("metric"), column("effect", "text", { parts: ["effect_low", "effect_high"], value: (row) => row.effect_high, show: (row) => range(row.effect_low, row.effect_high, row.unit) }),
      column("n", "integer", { label: text("col_customers") }), column("n_control", "integer"), coded("status", "effect_status")];
    return [lead("capacity", "short"), title("question_hour"), lead("hour", "next_hour"),
      known(lists.capacity)
        ? charts.figure({ id: "pools", sentence: text("capacity_sentence"), height: 90 + 52 * lists.capacity.length, draw: Naruki.pictures.capacity, rows: lists.capacity, columns: teamColumns, open: true })
        : note(text("no_capacity")),
      title("policies_title"), note(text("policies_note")),
      known(lists.policies)
        ? charts.figure({ id: "policies", sentence: text("policies_sentence"), height: 60 + 40 * lists.policies.length, draw: Naruki.pictures.policies, rows: lists.policies, columns: policies, open: true })
        : note(text("no_policies")),
      title("effects_title"),
      known(lists.effects) ? Naruki.table({ id: "effects", caption: text("effects_caption"), rows: lists.effects, columns: effects }) : note(text("no_effects")),
      title("whatif_title"),
      known(lists.whatif) ? Naruki.table({ id: "whatif", caption: text("whatif_caption"), rows: lists.whatif, columns: changes }) : note(text("no_whatif"))];
  }

  function moves() {
    const columns = [customer(), coded("from_tier", "tier"), coded("to_tier", "tier"), coded("cause"), worded("reason"), column("certainty", "share"), column("value_gain", "short_money"), coded("approval")];
    const held = [worded("rule"), column("customers", "integer")];
    return [lead("moves"),
      known(lists.moves) ? Naruki.table({ id: "moves", caption: text("moves_caption"), rows: lists.moves, columns, search: ["customer_name", "customer_id"],
        filters: [choice(lists.moves, "cause"), choice(lists.moves, "to_tier", "tier"), choice(lists.moves, "approval")] }) : null,
      lists.moves === null ? note(text("no_moves")) : null,
      known(lists.held) ? [title("held_title"), Naruki.table({ id: "held", caption: text("held_caption"), rows: lists.held, columns: held })] : null];
  }

  function reasons() {
    if (!known(lists.reasons)) return [note(text("no_tickets"))];
    const yes = (value) => (value === null || value === undefined ? "–" : text(value ? "yes" : "no"));
    const columns = [worded("reason", { label: text("col_contact_reason") }), column("contacts", "integer"), column("share", "share"), column("cumulative_contacts", "share"), column("hours", "hours"),
      column("cost", "short_money"), column("cost_share", "share"), column("cumulative_cost", "share"), column("article_exists", "text", { value: (row) => yes(row.article_exists) }),
      column("push_list_size", "integer"), column("searches_in_vain", "integer")];
    const pushes = [worded("reason", { label: text("col_contact_reason") }), column("pushes", "integer"), column("pushed_customers", "integer"),
      ranged("avoided", "avoided_low", "avoided_high", "decimal"), ranged("avoided_hours", "hours_low", "hours_high", "hours"), coded("finding")];
    return [lead("reasons"),
      charts.figure({ id: "pareto", sentence: text("reasons_sentence"), height: 100 + 34 * lists.reasons.length, draw: Naruki.pictures.pareto, rows: lists.reasons, columns }),
      note(headline("push")), title("pushes_title"), note(headline("pushed")),
      known(lists.pushes) ? Naruki.table({ id: "pushes", caption: text("pushes_caption"), rows: lists.pushes, columns: pushes }) : null];
  }

  function voice() {
    const themes = [worded("theme"), coded("source"), column("customers", "integer"), column("share", "share"), ranged("likely", "share_low", "share_high", "share"), column("complaints", "integer")];
    const silent = [customer(), tagged("tier"), coded("silence"), column("days_since_contact", "integer"), column("days_since_survey", "integer"), column("mrr", "money"), column("owner")];
    const heard = [coded("source"), column("paying_customers", "integer"), column("heard_customers", "integer"), column("voc_coverage", "share"),
      column("heard_churn_rate", "share"), column("silent_churn_rate", "share")];
    const unmet = [worded("need"), worded("reason", { label: text("col_contact_reason") }), column("texts", "integer"), column("customers", "integer"), column("mrr", "short_money")];
    const count = (name) => new Set(lists.themes?.map((row) => row[name])).size;
    return [lead("voice"), title("themes_title"),
      known(lists.themes) ? charts.figure({ id: "themes", sentence: text("voice_sentence"), height: 60 + 38 * count("theme"), width: 220 + 170 * count("source"), draw: Naruki.pictures.themes, rows: lists.themes, columns: themes }) : note(text("no_voice")),
      title("silent_title"), lead("silent"),
      known(lists.silent) ? Naruki.table({ id: "silent", caption: text("silent_caption"), rows: lists.silent, columns: silent, page: 10, search: ["customer_name", "customer_id", "owner"],
        filters: [choice(lists.silent, "silence"), choice(lists.silent, "tier")] }) : null,
      known(lists.coverage) ? [title("coverage_title"), Naruki.table({ id: "coverage", caption: text("coverage_caption"), rows: lists.coverage, columns: heard })] : null,
      title("unmet_title"),
      known(lists.unmet) ? Naruki.table({ id: "unmet", caption: text("unmet_caption"), rows: lists.unmet, columns: unmet, page: 10 }) : note(text("no_unmet"))];
  }

  function rated(rating) {
    return rating ? text("rating", { n: rating.human_rating, rater: rating.rater ?? "–" }) : "–";
  }

  function churn() {
    const ratings = new Map((lists.ratings ?? []).map((row) => [row.customer_id, row]));
    const waits = [coded("wait_band"), column("customers", "integer"), column("churned", "integer"), column("churn_rate", "share")];
    const ahead = [customer(), tagged("tier"), column("term_end_on", "date"), column("mrr", "money"), ranged("renewal", "renewal_p_low", "renewal_p_high", "share"),
      column("human", "text", { value: (row) => ratings.get(row.customer_id)?.human_rating ?? null, show: (row) => rated(ratings.get(row.customer_id)) }),
      column("basis", "text", { value: (row) => text(row.prior_only ? "basis_prior_only" : "basis_own") }),
      column("has_notice", "text", { value: (row) => text(row.has_notice ? "yes" : "no"), show: (row) => (row.has_notice ? Naruki.parts.tag(text("yes"), "risk") : "–") }), column("owner")];
    const why = [worded("reason", { label: text("col_contact_reason"), value: (row) => label("left_because", row.reason) }), column("customers", "integer"), column("mrr_lost", "short_money"), coded("preventable")];
    const common = [worded("theme", { show: (row) => [both(row, "theme"), row.is_common ? [" ", Naruki.parts.tag(text("common"), "risk")] : null].flat(2).filter(Boolean) }),
      column("leaving_share", "share"), column("before_share", "share"), column("staying_share", "share"), ranged("lift", "lift_low", "lift_high", "decimal"),
      column("mrr_lost", "short_money"), coded("department"), worded("plan")];
    return [lead("churn"), title("renewals_title"), note(headline("renewals")),
      known(lists.renewals) ? Naruki.table({ id: "renewals", caption: text("renewals_caption"), rows: lists.renewals, columns: ahead, page: 10, search: ["customer_name", "customer_id", "owner"], filters: [choice(lists.renewals, "tier")] }) : null,
      title("churn_reasons_title"),
      known(lists.churn_reasons) ? charts.figure({ id: "left", sentence: text("churn_sentence"), height: 60 + 40 * lists.churn_reasons.length, draw: Naruki.pictures.churn, rows: lists.churn_reasons, columns: why }) : note(text("no_churn")),
      known(lists.triangulation) ? [title("triangulation_title"), note(text("triangulation_note")), Naruki.table({ id: "triangulation", caption: text("triangulation_caption"), rows: lists.triangulation, columns: common })] : null,
      note(headline("supported", "association")),
      known(lists.waits) ? [title("waits_title"), Naruki.table({ id: "waits", caption: text("waits_caption"), rows: lists.waits, columns: waits })] : null];
  }

  return Object.entries({ week, actions, matrix, capacity, moves, reasons, voice, churn }).map(([id, build]) => ({ id, build }));
})();
