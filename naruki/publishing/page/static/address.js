"use strict";
// What the reader looks at lives in the address: #section?table.key=value&customer=ID. So a shared link shows the same.
Naruki.address = {
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
      if (value) next.set(`${id}.${key}`, value);
      else next.delete(`${id}.${key}`);
    }
    this.replace(this.section(), next);
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

// What the reader chose once, where the browser keeps such things.
Naruki.remember = (key, value) => {
  try {
    if (value === undefined) return localStorage.getItem(`naruki.${key}`);
    localStorage.setItem(`naruki.${key}`, value);
  } catch { /* A page from the disk may have no storage; then nothing is remembered. */ }
  return null;
};
