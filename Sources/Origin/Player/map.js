// The map of what was seen: scenes in layers from the entry, drawn as SVG.

const column = 206, row = 92, width = 158, height = 54, margin = 28, leastScale = .85;
const svg = (name, attributes = {}, ...children) => {
  const node = document.createElementNS('http://www.w3.org/2000/svg', name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  node.append(...children);
  return node;
};

/// Scenes and where they may lead: `[{ id, scene, to: [id] }]`, from the entry on, without idle scenes.
export function network(graph, isHidden) {
  const nodes = new Map(), queue = [graph.episode.entry];
  const targets = (target, depth = 0) => {
    if (!target || depth > graph.groups.size) return [];
    if (target.scene !== undefined) return [target.scene];
    return (graph.groups.get(target.group)?.entries ?? []).flatMap((entry) => targets(entry.goto, depth + 1));
  };
  while (queue.length) {
    const id = queue.shift(), scene = graph.scenes.get(id);
    if (!scene || nodes.has(id) || isHidden(scene)) continue;
    const last = scene.choices.at(-1), ways = last ? last.options.map((option) => option.goto ?? scene.next) : [scene.next];
    const to = [...new Set(ways.flatMap((way) => targets(way)))];
    nodes.set(id, { id, scene, to });
    queue.push(...to);
  }
  for (const node of nodes.values()) node.to = node.to.filter((id) => nodes.has(id));
  return nodes;
}

/// Gives each node `rank` (its layer) and `order` (its place in it). `ways`: each way with the nodes it
/// goes by, of which those between are nothing but bends; ways back are left out of the layers.
export function layers(nodes, entry) {
  const done = new Set(), sorted = [], back = new Set();
  const stack = [{ id: entry, next: 0 }], open = new Set([entry]);
  while (stack.length) {
    const top = stack.at(-1), { to } = nodes.get(top.id);
    if (top.next === to.length) { stack.pop(); open.delete(top.id); done.add(top.id); sorted.unshift(nodes.get(top.id)); continue }
    const id = to[top.next++];
    if (open.has(id)) back.add(top.id + ' ' + id);
    else if (!done.has(id)) { open.add(id); stack.push({ id, next: 0 }) }
  }
  for (const node of sorted) Object.assign(node, { rank: 0, before: [], after: [] });
  const ways = sorted.flatMap((node) => node.to.map((id) => ({ from: node, to: nodes.get(id), isBack: back.has(node.id + ' ' + id) })));
  for (const { from, to, isBack } of ways) if (!isBack) to.rank = Math.max(to.rank, from.rank + 1);
  const ranks = [], put = (node) => (ranks[node.rank] ??= []).push(node);
  sorted.forEach(put);
  for (const way of ways) {
    way.by = [way.from, way.to];
    if (way.isBack) continue;
    for (let rank = way.from.rank + 1; rank < way.to.rank; rank++) {
      const bend = { rank, before: [], after: [], isBend: true };
      put(bend);
      way.by.splice(-1, 0, bend);
    }
    way.by.slice(1).forEach((node, i) => { node.before.push(way.by[i]); way.by[i].after.push(node) });
  }
  const number = (rank) => {
    // A bend takes less room than a scene.
    let at = 0;
    for (const node of rank) { const half = node.isBend ? .3 : .5; node.order = at + half; at += 2 * half }
    for (const node of rank) node.order -= at / 2;
  };
  ranks.forEach(number);
  const mean = (others, otherwise) => (others.length ? others.reduce((sum, other) => sum + other.order, 0) / others.length : otherwise);
  for (let pass = 0; pass < 12; pass++) {
    for (const rank of pass % 2 ? [...ranks].reverse() : ranks) {
      const weight = new Map(rank.map((node) => [node, mean(pass % 2 ? node.after : node.before, node.order)]));
      rank.sort((a, b) => weight.get(a) - weight.get(b));
      number(rank);
    }
  }
  return { ranks, ways };
}

/// `state`: `{ seen: Set, current, way: [id], found: Set, language, canJump, room }`, `room` in pixels; `jump(id)` when a node is taken.
export function drawMap(graph, state, jump) {
  const { language, seen } = state;
  const isHidden = (scene) => scene.ending && graph.endings.get(scene.ending)?.secret && !state.found.has(scene.ending);
  const nodes = network(graph, isHidden), { ranks, ways } = layers(nodes, graph.episode.entry);
  const most = Math.max(...ranks.map((rank) => Math.max(...rank.map((node) => Math.abs(node.order)))));
  const w = ranks.length * column - (column - width) + 2 * margin, h = (2 * most + 1) * row + 2 * margin + (ways.some((way) => way.isBack) ? 76 : 0);
  const x = (node) => margin + node.rank * column, y = (node) => h / 2 + node.order * row;
  const steps = new Set(state.way.slice(1).map((id, i) => state.way[i] + ' ' + id));
  const scale = Math.max(leastScale, Math.min(1, state.room / w));
  const picture = svg('svg', { width: w * scale, height: h * scale, viewBox: `0 0 ${w} ${h}`, class: 'map', role: 'group', 'aria-label': language.say('map') });
  const lines = svg('g', { class: 'ways' }), dots = svg('g');
  for (const { from, to, isBack, by } of ways) {
    let d;
    if (from === to) {
      d = `M${x(from) + width / 2 - 24},${y(from) + height / 2} c0,42 48,42 48,0`;
    } else if (isBack) {
      const [x1, x2] = [x(from) + width / 2, x(to) + width / 2], low = (h - 14 - (y(from) + y(to)) / 8) / .75;  // below all scenes
      d = `M${x1},${y(from) + height / 2} C${x1},${low} ${x2},${low} ${x2},${y(to) + height / 2}`;
    } else {
      d = `M${x(from) + width},${y(from)}`;
      by.slice(1).forEach((node, i) => {
        const [x1, x2] = [x(by[i]) + width, x(node)], bend = (x2 - x1) * .55;
        d += ` C${x1 + bend},${y(by[i])} ${x2 - bend},${y(node)} ${x2},${y(node)}`;
        if (node.isBend) d += ` L${x2 + width},${y(node)}`;
      });
    }
    const taken = steps.has(from.id + ' ' + to.id);
    lines.append(svg('path', { d, class: taken ? 'taken' : seen.has(from.id) && seen.has(to.id) ? 'seen' : '' }));
    if (taken) lines.append(lines.lastChild); else lines.prepend(lines.lastChild);
  }
  for (const node of nodes.values()) {
    const isSeen = seen.has(node.id), { scene } = node, ending = scene.ending ? graph.endings.get(scene.ending) : null;
    const title = isSeen ? language.own(ending?.title) || language.own(scene.title) || node.id : '';
    const here = node.id === state.current, can = isSeen && state.canJump;
    const kind = ['node', isSeen ? 'seen' : 'unseen', here ? 'here' : '', ending ? 'ending' : '', state.way.includes(node.id) ? 'taken' : ''].filter(Boolean).join(' ');
    const group = svg('g', { class: kind, transform: `translate(${x(node)},${y(node) - height / 2})` });
    const label = [title || language.say('unseen'), here ? language.say('here') : ''].filter(Boolean).join(', ');
    group.append(svg('rect', { width, height, rx: ending ? height / 2 : 12 }));
    if (ending && isSeen) group.append(svg('rect', { x: 4, y: 4, width: width - 8, height: height - 8, rx: height / 2 - 4, class: 'inner' }));
    const text = svg('text', { 'text-anchor': 'middle' }), rows = isSeen ? lined(title, ending ? 16 : 18) : [ending ? '★' : '· · ·'];
    rows.forEach((row, i) => {
      const part = svg('tspan', { x: width / 2, y: height / 2 + 17 * (i - (rows.length - 1) / 2), dy: '.35em' });
      part.textContent = row;
      text.append(part);
    });
    group.append(text, svg('title'));
    group.lastChild.textContent = label;
    if (isSeen && scene.choices.length) {
      const mark = svg('path', { class: 'fork', d: `M${width - 9},${height / 2} l7,-7 l7,7 l-7,7 z` });
      group.append(mark);
    }
    if (can) {
      for (const [key, value] of Object.entries({ role: 'button', tabindex: 0, 'aria-label': label })) group.setAttribute(key, value);
      group.dataset.scene = node.id;
      group.onclick = () => jump(node.id);
      group.onkeydown = (event) => { if (event.key === 'Enter' || event.key === ' ') { event.preventDefault(); event.stopPropagation(); jump(node.id) } };
    } else { group.setAttribute('role', 'img'); group.setAttribute('aria-label', label) }
    dots.append(group);
  }
  picture.append(lines, dots);
  picture.current = nodes.get(state.current) ? { x: scale * x(nodes.get(state.current)), y: scale * y(nodes.get(state.current)) } : null;
  return picture;
}

/// In two lines at most; characters of Chinese take the room of two.
function lined(text, room) {
  const size = (part) => [...part].reduce((sum, c) => sum + (c.codePointAt(0) > 0x2e80 ? 1.9 : 1), 0);
  const words = text.match(/[\u2e80-\uffff]|[^\s\u2e80-\uffff]+\s*|\s+/g) ?? [], rows = [''];
  for (const word of words) {
    if (rows.at(-1) && size(rows.at(-1) + word.trimEnd()) > room) {
      if (rows.length === 2) { rows[1] = rows[1].trimEnd() + '…'; break }
      rows.push('');
    }
    rows[rows.length - 1] += word;
  }
  return rows.map((row) => (size(row) > room + 2 ? [...row].slice(0, room).join('') + '…' : row.trim()));
}
