"use strict";
// Words and numbers in the reader's language. Everything that a person reads goes through here.
const Naruki = { data: window.NARUKI, language: "en" };

// A long list comes as columns, in which values that repeat are told once; here it becomes rows again.
Naruki.unpack = (list) => {
  if (!list?.columns) return list;
  const rows = Array.from({ length: list.rows }, () => ({}));
  for (const [name, { values, at }] of Object.entries(list.columns)) {
    rows.forEach((row, i) => { row[name] = at ? values[at[i]] : values[i]; });
  }
  return rows;
};
for (const name of Object.keys(Naruki.data.lists)) Naruki.data.lists[name] = Naruki.unpack(Naruki.data.lists[name]);

// Of a pair [English, Japanese].
Naruki.spoken = (pair) => pair?.[Naruki.language === "ja" ? 1 : 0] ?? "";

Naruki.text = (key, values = {}) =>
  (Naruki.spoken(Naruki.data.texts[key]) || key).replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "–");

// A column that exists in both languages: label_en / label_ja.
Naruki.both = (row, name) => row[`${name}_${Naruki.language}`] ?? row[`${name}_en`] ?? null;

// The name of a code, such as tier high; a code without a name is shown as it is.
Naruki.label = (kind, code) => (code ? Naruki.spoken(Naruki.data.labels[kind]?.[code]) || code : "–");

Naruki.locale = () => (Naruki.language === "ja" ? "ja-JP" : "en-GB");

{
  // To make a formatter costs far more than to use it.
  const made = new Map();
  const formatter = (Kind, options) => {
    const key = `${Kind.name} ${Naruki.locale()} ${JSON.stringify(options)}`;
    if (!made.has(key)) made.set(key, new Kind(Naruki.locale(), options));
    return made.get(key);
  };
  // What rounds to nothing has no sign.
  const number = (value, options) => {
    const { format } = formatter(Intl.NumberFormat, options);
    return /[1-9]/.test(format(value)) ? format(value) : format(0);
  };

  // Japanese readers expect 123万円, not ￥123万.
  const money = (value, options) => {
    const { currency } = Naruki.data.meta;
    if (currency === "JPY" && Naruki.language === "ja") return `${number(value, { maximumFractionDigits: 0, ...options })}円`;
    const digits = currency === "JPY" ? { maximumFractionDigits: 0 } : {};
    return number(value, { style: "currency", currency, currencyDisplay: "narrowSymbol", ...digits, ...options });
  };

  const digits = (n) => ({ minimumFractionDigits: n, maximumFractionDigits: n });

  const formats = {
    integer: (value) => number(value, { maximumFractionDigits: 0 }),
    decimal: (value) => number(value, { maximumFractionDigits: 1 }),
    hours: (value) => Naruki.text("n_hours", { n: number(value, { maximumFractionDigits: Math.abs(value) < 1 ? 2 : Math.abs(value) < 10 ? 1 : 0 }) }),
    share: (value) => number(value, { style: "percent", ...digits(value !== 0 && Math.abs(value) < 0.1 ? 1 : 0) }),
    money: (value) => money(value, {}),
    short_money: (value) => money(value, Math.abs(value) < 1000 ? {} : { notation: "compact", maximumSignificantDigits: 3, maximumFractionDigits: undefined, useGrouping: true }),
    date: (value) => formatter(Intl.DateTimeFormat, { dateStyle: "medium", timeZone: "UTC" }).format(new Date(value)),
    text: (value) => String(value),
  };

  // Unknown is a dash, never a zero.
  Naruki.format = (value, kind = "text") => (value === null || value === undefined || Number.isNaN(value) ? "–" : formats[kind](value));

  Naruki.range = (low, high, kind) => {
    const [from, to] = [Naruki.format(low, kind), Naruki.format(high, kind)];
    return from === to ? from : `${from}${Naruki.language === "ja" ? "〜" : "\u00a0–\u00a0"}${to}`;
  };
}

// Elements are made, never parsed: names of customers can hold anything.
Naruki.make = (tag, attributes = {}, ...children) => {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element[name] = value;
    else if (value === true) element.setAttribute(name, "");
    else if (value !== null && value !== false && value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
};

// Words between [[ and ]] are what matters most in a sentence.
Naruki.marked = (words) => words.split(/\[\[|\]\]/).map((part, i) => (i % 2 ? Naruki.make("b", {}, part) : part));

// Full-width and half-width forms, and upper and lower case, are found alike.
Naruki.fold = (text) => String(text ?? "").normalize("NFKC").toLowerCase();
