// The map of what was seen: scenes in layers from the entry, drawn as SVG.

const column = 206, row = 92, width = 158, height = 54, margin = 28;
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

/// Gives each node `rank` (its layer) and `order` (its place in it); ways back are left out of the layers.
export function layers(nodes, entry) {
  const done = new Set(), sorted = [], back = new Set();
  const stack = [{ id: entry, next: 0 }], open = new Set([entry]);
  while (stack.length) {
    const top = stack.at(-1), to = nodes.get(top.id).to;
    if (top.next === to.length) { stack.pop(); open.delete(top.id); done.add(top.id); sorted.unshift(top.id); continue }
    const id = to[top.next++];
    if (open.has(id)) back.add(top.id + ' ' + id);
    else if (!done.has(id)) { open.add(id); stack.push({ id, next: 0 }) }
  }
  const from = new Map(sorted.map((id) => [id, []]));
  for (const id of sorted) nodes.get(id).rank = 0;
  for (const id of sorted) for (const to of nodes.get(id).to) {
    if (back.has(id + ' ' + to)) continue;
    nodes.get(to).rank = Math.max(nodes.get(to).rank, nodes.get(id).rank + 1);
    from.get(to).push(id);
  }
  const ranks = [];
  for (const id of sorted) (ranks[nodes.get(id).rank] ??= []).push(nodes.get(id));
  const number = () => ranks.forEach((rank) => rank.forEach((node, i) => { node.order = i - (rank.length - 1) / 2 }));
  number();
  const mean = (ids, fallback) => (ids.length ? ids.reduce((sum, id) => sum + nodes.get(id).order, 0) / ids.length : fallback);
  for (let pass = 0; pass < 8; pass++) {
    for (const rank of pass % 2 ? [...ranks].reverse() : ranks) {
      const weight = new Map(rank.map((node) => [node, mean(pass % 2 ? node.to : from.get(node.id), node.order)]));
      rank.sort((a, b) => weight.get(a) - weight.get(b));
      rank.forEach((node, i) => { node.order = i - (rank.length - 1) / 2 });
    }
  }
  return { ranks, back };
}

/// `state`: `{ seen: Set, current, way: [id], found: Set, language, canJump }`; `jump(id)` when a node is taken.
export function drawMap(graph, state, jump) {
  const { language, seen } = state;
  const isHidden = (scene) => scene.ending && graph.endings.get(scene.ending)?.secret && !state.found.has(scene.ending);
  const nodes = network(graph, isHidden), { ranks, back } = layers(nodes, graph.episode.entry);
  const most = Math.max(...ranks.map((rank) => rank.length));
  const w = ranks.length * column - (column - width) + 2 * margin, h = most * row + 2 * margin + (back.size ? 30 : 0);
  const x = (node) => margin + node.rank * column, y = (node) => h / 2 + node.order * row;
  const steps = new Set(state.way.slice(1).map((id, i) => state.way[i] + ' ' + id));
  const picture = svg('svg', { width: w, height: h, viewBox: `0 0 ${w} ${h}`, class: 'map', role: 'group', 'aria-label': language.say('map') });
  const lines = svg('g', { class: 'ways' }), dots = svg('g');
  for (const node of nodes.values()) for (const id of node.to) {
    const to = nodes.get(id), x1 = x(node) + width, x2 = x(to), y1 = y(node), y2 = y(to), taken = steps.has(node.id + ' ' + id);
    const bend = Math.max(30, (x2 - x1) / 2);
    const d = back.has(node.id + ' ' + id)
      ? `M${x(node) + width / 2},${y1 + height / 2} C${x(node) + width / 2},${Math.max(y1, y2) + 84} ${x2 + width / 2},${Math.max(y1, y2) + 84} ${x2 + width / 2},${y2 + height / 2}`
      : `M${x1},${y1} C${x1 + bend},${y1} ${x2 - bend},${y2} ${x2},${y2}`;
    lines.append(svg('path', { d, class: taken ? 'taken' : seen.has(node.id) && seen.has(id) ? 'seen' : '' }));
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
    const text = svg('text', { x: width / 2, y: height / 2, dy: '.35em', 'text-anchor': 'middle' });
    text.textContent = isSeen ? shortened(title) : ending ? '★' : '· · ·';
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
  picture.current = nodes.get(state.current) ? { x: x(nodes.get(state.current)), y: y(nodes.get(state.current)) } : null;
  return picture;
}

function shortened(text) {
  let room = 19, end = 0;
  for (const character of text) {
    room -= character.codePointAt(0) > 0x2e80 ? 1.9 : 1;
    if (room < 0) return text.slice(0, end).trimEnd() + '…';
    end += character.length;
  }
  return text;
}
