"use strict";

const TIP_FACTS = 10;

function start() {
  const { page, nodes: givenNodes, edges: givenEdges, options } =
    JSON.parse(document.getElementById("data").textContent);
  const words = page.words, number = NUMBER(page);
  const write = (id, text) => { document.getElementById(id).textContent = text; };

  write("counts", `${number.format(givenNodes.length)} ${words.nodes} · ` +
                  `${number.format(givenEdges.length)} ${words.edges}`);
  write("hint", words.hint);
  write("to-centre", words.go_to_centre);
  write("fit", words.fit);
  showNotices(page);
  if (!givenNodes.length) {
    write("progress", words.empty);
    return;
  }

  // vis-network would draw a `label` itself.
  const listed = givenNodes.map(({ label, ...node }) => ({ ...node, caption: label }));
  const nodes = new vis.DataSet(listed);
  const edges = new vis.DataSet(givenEdges);
  const hidden = new Set();
  const view = new vis.DataView(nodes, { filter: (node) => !hidden.has(node.kind) });
  const network = new vis.Network(document.getElementById("network"), { nodes: view, edges }, options);
  const captions = new Captions(network, page, listed, givenEdges);

  function light(id) {
    const lit = id === null ? null : new Set([id, ...captions.beside.get(id)]);
    Object.assign(captions, { chosen: id, lit });
    nodes.update(givenNodes.map((node) => ({ id: node.id, opacity: !lit || lit.has(node.id) ? 1 : 0.12 })));
    edges.update(givenEdges.map((edge) => ({
      id: edge.id,
      color: { opacity: !lit || edge.from === id || edge.to === id ? 1 : 0.1 },
    })));
    showDetails(page, id === null ? null : nodes.get(id), lit ? lit.size - 1 : 0);
  }

  function choose(id) {
    legend.show(nodes.get(id).kind);
    network.selectNodes([id]);
    light(id);
    network.focus(id, { scale: Math.max(network.getScale(), 1), animation: { duration: 300 } });
  }

  function fit() {
    network.fit();
    // Captions reach beyond the outermost nodes.
    network.moveTo({ scale: Math.min(network.getScale() * 0.92, 1.4) });
  }

  // network.storePositions fails while nodes are hidden.
  function keepPlaces() {
    const places = Object.entries(network.getPositions());
    nodes.update(places.map(([id, { x, y }]) => ({ id, x, y })));
  }

  const legend = buildLegend(page, hidden, () => {
    keepPlaces();
    view.refresh();
  });
  buildSearch(page, listed, choose);
  showDetails(page, null, 0);
  showTips(network, page, nodes, edges, captions);

  network.on("click", ({ nodes: [id] }) => light(id ?? null));
  network.on("dragEnd", keepPlaces);
  network.on("stabilizationProgress", ({ iterations, total }) =>
    write("progress", filled(words.arranging, { n: Math.round((100 * iterations) / total) })));
  network.once("stabilizationIterationsDone", () => {
    network.setOptions({ physics: { enabled: false } });
    keepPlaces();
    fit();
    document.getElementById("progress").hidden = true;
    document.body.dataset.ready = "yes";
  });
  document.getElementById("fit").addEventListener("click", fit);
  document.getElementById("to-centre").addEventListener("click", () => choose(page.roots[0]));
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") { network.unselectAll(); light(null); }
  });
  window.picture = { network, nodes, edges, view };
}

/** What is under the pointer, beside it: of a node or edge its kind and its first properties. */
function showTips(network, page, nodes, edges, captions) {
  const tip = document.getElementById("tip");
  const types = new Map(page.types.map((type) => [type.label, type]));

  function show(title, side, facts, { x, y }) {
    const more = facts.length - TIP_FACTS;
    tip.replaceChildren(element("strong", { text: title }), element("span", { class: "side", text: side }));
    if (facts.length) tip.append(factTable(facts.slice(0, TIP_FACTS)));
    if (more > 0) {
      tip.append(element("p", { class: "hint", text: filled(page.words.more_facts, { n: more }) }));
    }
    tip.hidden = false;
    const room = tip.parentElement.getBoundingClientRect();
    tip.style.left = `${Math.max(8, Math.min(x + 16, room.width - tip.offsetWidth - 8))}px`;
    tip.style.top = `${Math.max(8, Math.min(y + 16, room.height - tip.offsetHeight - 8))}px`;
  }

  function leave() {
    tip.hidden = true;
    captions.pointed = null;
    network.redraw();
  }

  network.on("hoverNode", ({ node: id, pointer }) => {
    const node = nodes.get(id);
    captions.pointed = { node: id };
    show(node.caption, types.get(node.kind).name, node.facts, pointer.DOM);
    network.redraw();
  });
  network.on("hoverEdge", ({ edge: id, pointer }) => {
    const edge = edges.get(id);
    captions.pointed = { edge: id };
    const ends = `${nodes.get(edge.from).caption} → ${nodes.get(edge.to).caption}`;
    show(edge.name, ends, edge.facts, pointer.DOM);
    network.redraw();
  });
  for (const event of ["blurNode", "blurEdge", "dragStart", "zoom"]) network.on(event, leave);
}

start();
