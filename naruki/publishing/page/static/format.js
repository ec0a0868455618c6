"use strict";
// Words and numbers in the reader's language. Everything that a person reads goes through here.
const Naruki = { data: window.NARUKI, language: "en" };

Naruki.text = (key, values = {}) => {
  const entry = Naruki.data.texts[key];
  const words = entry ? entry[Naruki.language] : key;
  return words.replace(/\{(\w+)\}/g, (_, name) => (values[name] ?? "–"));
};

// A column that exists in both languages: label_en / label_ja.
Naruki.both = (row, name) => row[`${name}_${Naruki.language}`] ?? row[`${name}_en`] ?? null;

Naruki.locale = () => (Naruki.language === "ja" ? "ja-JP" : "en-GB");

const formats = {
  integer: (value) => number(value, { maximumFractionDigits: 0 }),
  decimal: (value) => number(value, { maximumFractionDigits: 1 }),
  hours: (value) => Naruki.text("n_hours", { n: number(value, { maximumFractionDigits: value < 10 ? 1 : 0 }) }),
  share: (value) => number(value, { style: "percent", maximumFractionDigits: Math.abs(value) < 0.1 ? 1 : 0 }),
  ratio: (value) => number(value, { maximumFractionDigits: 2, minimumFractionDigits: 2 }),
  money: (value) => money(value, {}),
  short_money: (value) => money(value, { notation: "compact", maximumSignificantDigits: 3 }),
  date: (value) => new Intl.DateTimeFormat(Naruki.locale(), { dateStyle: "medium", timeZone: "UTC" }).format(new Date(value)),
  text: (value) => String(value),
};

function number(value, options) {
  return new Intl.NumberFormat(Naruki.locale(), options).format(value);
}

function money(value, options) {
  const currency = Naruki.data.meta.currency;
  return number(value, { style: "currency", currency, maximumFractionDigits: currency === "JPY" ? 0 : undefined, ...options });
}

// Unknown is a dash, never a zero.
Naruki.format = (value, kind = "text") => (value === null || value === undefined || Number.isNaN(value) ? "–" : formats[kind](value));

Naruki.range = (low, high, kind) =>
  low === null || high === null || low === undefined ? "–" : `${Naruki.format(low, kind)} – ${Naruki.format(high, kind)}`;

// Elements are made, never parsed: names of customers can hold anything.
Naruki.make = (tag, attributes = {}, ...children) => {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "onclick" || name === "oninput" || name === "onchange") element[name] = value;
    else if (value === true) element.setAttribute(name, "");
    else if (value !== null && value !== false && value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return element;
};

Naruki.fold = (text) => String(text ?? "").normalize("NFKC").toLowerCase();
