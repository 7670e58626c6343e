"use strict";

/* The panel: counts, legend, search, details. Names and values come from the insurer's files and
   are never read as HTML: they enter the page as text only. */

const NUMBER = (page) => new Intl.NumberFormat(page.lang);

function element(tag, options = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(options)) {
    if (name === "text") made.textContent = value;
    else if (name === "class") made.className = value;
    else if (name === "click") made.addEventListener("click", value);
    else made.setAttribute(name, value);
  }
  made.append(...children);
  return made;
}

function filled(text, values) {
  return text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

/** A node type as a small picture: its shape, colour and mark. */
function swatch(type) {
  const SVG = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "-10 -10 20 20");
  svg.setAttribute("aria-hidden", "true");
  const outline = {
    square: "M-8,-8H8V8H-8Z",
    diamond: "M0,-9.4L9.4,0L0,9.4L-9.4,0Z",
    hexagon: "M-9,0L-4.5,-7.8H4.5L9,0L4.5,7.8H-4.5Z",
  }[type.shape] ?? "M-8.6,0A8.6,8.6 0 1 1 8.6,0A8.6,8.6 0 1 1 -8.6,0Z";
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", outline);
  path.setAttribute("fill", type.colour);
  path.setAttribute("stroke", type.border);
  const mark = document.createElementNS(SVG, "text");
  mark.textContent = type.mark;
  mark.setAttribute("fill", type.ink);
  mark.setAttribute("font-size", type.mark.length > 1 || type.shape === "diamond" ? "8" : "10");
  mark.setAttribute("font-weight", "600");
  mark.setAttribute("text-anchor", "middle");
  mark.setAttribute("y", type.mark.length > 1 || type.shape === "diamond" ? "2.9" : "3.6");
  svg.append(path, mark);
  return svg;
}

function factTable(facts) {
  const rows = facts.map(([name, value]) =>
    element("tr", {}, element("th", { text: name, scope: "row" }), element("td", { text: value })));
  return element("table", { class: "facts" }, element("tbody", {}, ...rows));
}

/** What is not shown, and how to see it. */
function showNotices(page) {
  const notice = document.getElementById("notice"), words = page.words;
  if (!page.complete) {
    const advice = words.incomplete_advice.split(/(--\w+)/).map((part) =>
      part.startsWith("--") ? element("code", { text: part }) : part);
    notice.append(element("p", {}, element("strong", { text: words.incomplete }), ...advice));
  }
  if (page.hubs) {
    const text = page.hubs === 1 ? words.one_hub : words.hubs;
    notice.append(element("p", { text: filled(text, { n: NUMBER(page).format(page.hubs) }) }));
  }
  notice.hidden = !notice.hasChildNodes();
}

/** Legend: a click on an entry hides the nodes of a type or shows them again. */
function buildLegend(page, hidden, changed) {
  const number = NUMBER(page), words = page.words;
  const all = document.getElementById("show-all");
  document.getElementById("legend-title").textContent = words.legend;
  all.textContent = words.show_all;
  const entries = page.types.map((type) => {
    const button = element("button", { type: "button", title: words.legend_hint,
                                       "aria-pressed": "true", "data-label": type.label },
      swatch(type), element("span", { class: "name", text: type.name }),
      element("span", { class: "side", text: number.format(type.count) }));
    button.addEventListener("click", () => {
      if (!hidden.delete(type.label)) hidden.add(type.label);
      change();
    });
    document.getElementById("legend").append(element("li", {}, button));
    return { type, button };
  });
  const total = page.types.reduce((sum, type) => sum + type.count, 0);
  function refresh() {
    let gone = 0;
    for (const { type, button } of entries) {
      button.setAttribute("aria-pressed", String(!hidden.has(type.label)));
      if (hidden.has(type.label)) gone += type.count;
    }
    all.hidden = gone === 0;
    document.getElementById("hidden").textContent = gone
      ? filled(words.hidden, { n: number.format(gone), m: number.format(total) })
      : words.legend_hint;
  }
  function change() {
    refresh();
    changed();
  }
  all.addEventListener("click", () => { hidden.clear(); change(); });
  refresh();
  return { show(label) { if (hidden.delete(label)) change(); } };
}

/** Search over captions, ids and values; the first hit by Enter, any by a click. */
function buildSearch(page, nodes, choose) {
  const input = document.getElementById("search"), list = document.getElementById("found");
  const types = new Map(page.types.map((type) => [type.label, type]));
  const texts = nodes.map((node) => ({
    node,
    caption: node.caption.toLowerCase(),
    all: [node.key, ...node.facts.map(([, value]) => value)].join("\n").toLowerCase(),
  }));
  input.placeholder = page.words.search;
  input.setAttribute("aria-label", page.words.search);
  const take = (node) => { list.replaceChildren(); input.value = node.caption; choose(node.id); };
  function hits() {
    const wanted = input.value.trim().toLowerCase();
    if (!wanted) return null;
    const named = texts.filter((one) => one.caption.includes(wanted));
    const others = texts.filter((one) => !one.caption.includes(wanted) && one.all.includes(wanted));
    return [...named, ...others].map((one) => one.node);
  }
  input.addEventListener("input", () => {
    const found = hits();
    list.replaceChildren();
    for (const node of (found ?? []).slice(0, 8)) {
      const type = types.get(node.kind);
      list.append(element("li", {}, element("button", { type: "button", click: () => take(node) },
        swatch(type), element("span", { class: "name", text: node.caption }),
        element("span", { class: "side", text: type.name }))));
    }
    if (found?.length === 0) list.append(element("p", { class: "hint", text: page.words.nothing_found }));
    if (found?.length > 8) {
      const more = filled(page.words.more_found, { n: NUMBER(page).format(found.length - 8) });
      list.append(element("p", { class: "hint", text: more }));
    }
  });
  input.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.isComposing) {
      const found = hits();
      if (found?.length) take(found[0]);
    } else if (event.key === "Escape") list.replaceChildren();
  });
  document.addEventListener("click", (event) => {
    if (!event.target.closest(".search")) list.replaceChildren();
  });
}

/** What is known of the chosen node; without one, what to do to see it. */
function showDetails(page, node, neighbours) {
  const place = document.getElementById("details"), words = page.words;
  if (!node) {
    place.replaceChildren(element("h2", { text: words.details }),
                          element("p", { class: "hint", text: words.details_hint }));
    return;
  }
  const type = page.types.find((one) => one.label === node.kind);
  const id = element("span", { text: node.key });
  const copy = element("button", { type: "button", class: "quiet", text: words.copy });
  copy.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(node.key);
      copy.textContent = words.copied;
    } catch {
      // Some browsers keep the clipboard from local files: then at least it is marked.
      getSelection().selectAllChildren(id);
    }
  });
  const table = factTable(node.facts);
  table.tBodies[0].prepend(element("tr", {}, element("th", { text: words.id, scope: "row" }),
                                   element("td", {}, id, " ", copy)));
  const count = filled(words.neighbours, { n: NUMBER(page).format(neighbours) });
  place.replaceChildren(element("h2", { text: node.caption }),
                        element("p", { class: "hint", text: `${type.name} · ${count}` }), table);
  place.scrollIntoView({ block: "nearest" });
}
