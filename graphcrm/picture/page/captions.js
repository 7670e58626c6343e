"use strict";

/* Captions are drawn here and not by vis-network: at the same size on the screen whatever the zoom,
   the most important first, and only where they cover no other caption and no other node. So a
   picture of 500 nodes stays readable, and zooming in brings up more of them. */

const CAPTION_PX = 12;
const CELL = 64;
const ALONG = [0.5, 0.4, 0.6, 0.3, 0.7];
const MANY_EDGES = 60;

/** Boxes on the screen, found by the cells they touch. */
class Boxes {
  constructor() { this.cells = new Map(); }

  *keys(box) {
    for (let x = Math.floor(box.left / CELL); x <= Math.floor(box.right / CELL); x++) {
      for (let y = Math.floor(box.top / CELL); y <= Math.floor(box.bottom / CELL); y++) {
        yield x * 100003 + y;
      }
    }
  }

  add(box) {
    for (const key of this.keys(box)) {
      if (!this.cells.has(key)) this.cells.set(key, []);
      this.cells.get(key).push(box);
    }
  }

  hit(box, except) {
    for (const key of this.keys(box)) {
      for (const other of this.cells.get(key) ?? []) {
        if (other.owner !== except && box.left < other.right && box.right > other.left &&
            box.top < other.bottom && box.bottom > other.top) return true;
      }
    }
    return false;
  }
}

/** Draws marks, captions, edge names and the ring around the centre after each frame. */
class Captions {
  constructor(network, page, nodes, edges) {
    Object.assign(this, { network, page, nodes, edges });
    this.beside = new Map(nodes.map((node) => [node.id, []]));
    for (const { from, to } of edges) {
      if (from === to) continue;
      this.beside.get(from).push(to);
      this.beside.get(to).push(from);
    }
    this.types = new Map(page.types.map((type) => [type.label, type]));
    this.widths = new Map();
    this.chosen = null;   // the id of the chosen node
    this.lit = null;      // the ids of it and its neighbours, else null
    this.pointed = null;  // the node or edge under the pointer: { node } or { edge }
    network.on("afterDrawing", (ctx) => this.draw(ctx));
  }

  draw(ctx) {
    const scale = this.network.getScale();
    const places = this.network.getPositions();
    const shown = this.nodes.filter((node) => places[node.id]);
    const canvas = this.network.canvas.frame.canvas;
    const ratio = this.network.canvas.pixelRatio || 1;
    const view = { width: canvas.width / ratio, height: canvas.height / ratio };
    const screen = new Map();
    const discs = new Boxes();
    for (const node of shown) {
      const at = this.network.canvasToDOM(places[node.id]);
      const radius = node.size * scale;
      screen.set(node.id, { x: at.x, y: at.y, radius });
      discs.add({ left: at.x - radius * 0.8, right: at.x + radius * 0.8,
                  top: at.y - radius * 0.8, bottom: at.y + radius * 0.8, owner: node.id });
    }
    ctx.save();
    ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
    ctx.textAlign = "center";
    ctx.textBaseline = "middle";
    ctx.lineJoin = "round";
    this.marks(ctx, shown, screen, view);
    const texts = new Boxes();
    this.captions(ctx, shown, screen, view, discs, texts);
    this.edgeNames(ctx, screen, view, discs, texts);
    ctx.restore();
  }

  marks(ctx, shown, screen, view) {
    for (const node of shown) {
      const { x, y, radius } = screen.get(node.id);
      if (x < -50 || y < -50 || x > view.width + 50 || y > view.height + 50) continue;
      if (node.root) {
        ctx.strokeStyle = this.page.accent;
        ctx.lineWidth = 3;
        ctx.beginPath();
        ctx.arc(x, y, radius * (node.shape === "dot" ? 1 : 1.42) + 6, 0, 2 * Math.PI);
        ctx.stroke();
      }
      const type = this.types.get(node.kind);
      const size = radius * (type.mark.length > 1 || node.shape === "diamond" ? 0.82 : 1.05);
      if (size < 7 || !this.isLit(node.id)) continue;
      ctx.font = `600 ${size}px ${this.page.fonts}`;
      ctx.fillStyle = type.ink;
      ctx.fillText(type.mark, x, y + size * 0.05);
    }
  }

  captions(ctx, shown, screen, view, discs, texts) {
    const pointed = this.pointed?.node;
    const first = shown.filter((node) => node.root || node.id === pointed || node.id === this.chosen);
    for (const node of [...first, ...shown.filter((other) => !first.includes(other))]) {
      const { x, y, radius } = screen.get(node.id);
      if (x < 0 || y < 0 || x > view.width || y > view.height || !this.isLit(node.id)) continue;
      const forced = first.includes(node);
      const px = node.root ? CAPTION_PX + 3 : CAPTION_PX;
      const font = `${forced ? "600 " : ""}${px}px ${this.page.fonts}`;
      const width = this.width(ctx, node.caption, font);
      const reach = (node.root ? 8 : 2) + radius * (node.shape === "dot" ? 1 : 1.1);
      const sides = this.freeSides(node.id, screen);
      for (const [right, down] of forced ? sides.slice(0, 1) : sides) {
        const cx = x + right * (reach + width / 2 + 2), cy = y + down * (reach + px * 0.6);
        const box = { left: cx - width / 2 - 2, right: cx + width / 2 + 2,
                      top: cy - px * 0.6, bottom: cy + px * 0.6, owner: node.id };
        const cut = box.left < 0 || box.right > view.width || box.top < 0 || box.bottom > view.height;
        if (!forced && (cut || texts.hit(box, null) || discs.hit(box, node.id))) continue;
        texts.add(box);
        this.write(ctx, node.caption, cx, cy, font, "#1B2229", 4);
        break;
      }
    }
  }

  /** The sides of a node, as [right, down], those away from its edges first. */
  freeSides(id, screen) {
    const { x, y } = screen.get(id);
    let right = 0, down = -0.3;
    for (const other of this.beside.get(id)) {
      const place = screen.get(other);
      if (!place) continue;
      const length = Math.hypot(place.x - x, place.y - y) || 1;
      right += (place.x - x) / length;
      down += (place.y - y) / length;
    }
    const towards = (side) => side[0] * right + side[1] * down;
    return [[0, 1], [1, 0], [-1, 0], [0, -1]].sort((a, b) => towards(a) - towards(b));
  }

  /** Names of the edges that are pointed at or hang on the chosen node, of others where they fit. */
  edgeNames(ctx, screen, view, discs, texts) {
    const font = `11px ${this.page.fonts}`;
    const named = [];
    for (const edge of this.edges) {
      const start = screen.get(edge.from), end = screen.get(edge.to);
      if (!start || !end) continue;
      if (this.chosen !== null && edge.from !== this.chosen && edge.to !== this.chosen) continue;
      const forced = this.pointed?.edge === edge.id || this.pointed?.node === edge.from ||
        this.pointed?.node === edge.to;
      const x = (start.x + end.x) / 2, y = (start.y + end.y) / 2;
      if (forced || (x > 0 && y > 0 && x < view.width && y < view.height)) {
        named.push({ edge, start, end, forced });
      }
    }
    if (named.length > MANY_EDGES) named.splice(0, named.length, ...named.filter((one) => one.forced));
    named.sort((a, b) => b.forced - a.forced);
    for (const { edge, start, end, forced } of named) {
      const width = this.width(ctx, edge.name, font);
      const free = Math.hypot(end.x - start.x, end.y - start.y) - start.radius - end.radius;
      if (!forced && edge.from !== edge.to && free < width + 24) continue;
      const curve = this.network.body.edges[edge.id]?.edgeType;
      for (const part of curve ? ALONG : []) {
        const { x, y } = this.network.canvasToDOM(curve.getPoint(part));
        const box = { left: x - width / 2 - 2, right: x + width / 2 + 2, top: y - 7, bottom: y + 7 };
        if (texts.hit(box, null) || (!forced && discs.hit(box, null))) continue;
        texts.add(box);
        this.write(ctx, edge.name, x, y, font, forced ? this.page.accent : "#5B6672", 4);
        break;
      }
    }
  }

  write(ctx, text, x, y, font, colour, halo) {
    ctx.font = font;
    ctx.strokeStyle = "rgba(255, 255, 255, 0.92)";
    ctx.lineWidth = halo;
    ctx.strokeText(text, x, y);
    ctx.fillStyle = colour;
    ctx.fillText(text, x, y);
  }

  width(ctx, text, font) {
    const key = font + text;
    if (!this.widths.has(key)) {
      ctx.font = font;
      this.widths.set(key, ctx.measureText(text).width);
    }
    return this.widths.get(key);
  }

  isLit(id) { return this.lit === null || this.lit.has(id); }
}
