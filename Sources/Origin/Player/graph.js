// The meaning of an episode, as Sources/Episodes/EpisodeGraph.swift has it: the two agree on the
// vectors in Tests/EpisodesTests/Vectors.

const maximumMagnitude = 0x7fffffff;
const saturate = (value) => Math.max(-maximumMagnitude, Math.min(maximumMagnitude, value)) + 0;  // + 0: no −0

const operators = {
  '&&': (a, b) => +(a !== 0 && b !== 0), '||': (a, b) => +(a !== 0 || b !== 0),
  '==': (a, b) => +(a === b), '!=': (a, b) => +(a !== b),
  '<': (a, b) => +(a < b), '<=': (a, b) => +(a <= b), '>': (a, b) => +(a > b), '>=': (a, b) => +(a >= b),
  '+': (a, b) => saturate(a + b), '-': (a, b) => saturate(a - b),
  // A product passes 2^53 only where it saturates, so its lost bits are none.
  '*': (a, b) => saturate(a * b), min: (a, b) => Math.min(a, b), max: (a, b) => Math.max(a, b),
};

/// `3`, `["var", "trust"]`, `[">=", a, b]` … → an integer. `value`: of a variable, by its name.
export function evaluate(expression, value) {
  if (typeof expression === 'number') return saturate(expression);
  const [name, a, b, c] = expression;
  if (name === 'var') return value(a);
  if (name === '?') return evaluate(evaluate(a, value) !== 0 ? b : c, value);
  if (expression.length === 2 && name === '!') return +(evaluate(a, value) === 0);
  if (expression.length === 2 && name === '-') return -evaluate(a, value) + 0;
  if (expression.length !== 3 || !Object.hasOwn(operators, name)) {
    throw new Error(`“${name}” is no operator of an episode’s expressions.`);
  }
  return operators[name](evaluate(a, value), evaluate(b, value));
}

export class Graph {
  constructor(episode) {
    this.episode = episode;
    const byId = (list, key = 'id') => new Map(list.map((item) => [item[key], item]));
    this.scenes = byId(episode.scenes);
    this.groups = byId(episode.groups);
    this.endings = byId(episode.endings);
    this.variables = byId(episode.variables, 'name');
    if (!this.scenes.has(episode.entry)) throw new Error(`The entry “${episode.entry}” is no scene.`);
  }

  /// A state is a Map of all variables, by name.
  get initialState() { return new Map(this.episode.variables.map((variable) => [variable.name, variable.init])) }

  evaluate(expression, state) { return evaluate(expression, (name) => state.get(name) ?? 0) }

  assign(name, value, state) {
    const variable = this.variables.get(name);
    if (variable) state.set(name, Math.max(variable.min, Math.min(variable.max, value)));
  }

  apply(effects, state) { for (const { set, to } of effects) this.assign(set, this.evaluate(to, state), state) }

  /// `visited` and `count`, then the scene's effects, then `ended`.
  enter(scene, state) {
    this.assign('visited:' + scene.id, 1, state);
    const count = 'count:' + scene.id;
    this.assign(count, (state.get(count) ?? 0) + 1, state);
    this.apply(scene.enter, state);
    if (scene.ending) this.assign('ended:' + scene.ending, 1, state);
  }

  holds(condition, state) { return condition === undefined || condition === null || this.evaluate(condition, state) !== 0 }

  enabled(choice, state) {
    return choice.options.map((_, position) => position).filter((p) => this.holds(choice.options[p].when, state));
  }

  /// The option that is taken where nobody chooses; null if it is not enabled.
  /// `draw`: a number from 0 to less than 1, for a default by chance; without it nobody draws.
  fallback(choice, state, draw) {
    const enabled = this.enabled(choice, state), wanted = choice.default;
    const weight = (p) => choice.options[p].weight;
    if (typeof wanted === 'number') return enabled.includes(wanted) ? wanted : null;
    if (wanted === 'random') return enabled[draw ? Math.floor(draw() * enabled.length) : 0] ?? null;
    if (wanted === 'weighted') {
      if (!draw) return enabled.reduce((best, p) => (best === null || weight(p) > weight(best) ? p : best), null);
      let left = draw() * enabled.reduce((sum, p) => sum + weight(p), 0);
      for (const p of enabled) if ((left -= weight(p)) < 0) return p;
      return enabled.at(-1) ?? null;
    }
    const position = this.evaluate(wanted.expression, state);
    return enabled.includes(position) ? position : null;
  }

  /// The scene that `{scene}` or `{group}` leads to; null if there is none.
  resolve(target, state) {
    for (let hops = 0; target && hops <= this.groups.size; hops++) {
      if (target.scene !== undefined) return this.scenes.get(target.scene) ?? null;
      target = this.groups.get(target.group)?.entries.find((entry) => this.holds(entry.when, state))?.goto;
    }
    return null;
  }

  /// Every scene that may follow when the scene's choices from `from` on are open.
  ///
  ///     graph.successors(scene, 0, state)   // [{ options: [0], scene, state }, …]
  successors(scene, from, state, target = scene.next, limit = 64) {
    const choice = scene.choices[from];
    if (!choice) {
      const next = this.resolve(target, state);
      return next ? [{ options: [], scene: next, state }] : [];
    }
    const found = [];
    for (const option of this.enabled(choice, state)) {
      const after = new Map(state);
      this.apply(choice.options[option].do, after);
      for (const way of this.successors(scene, from + 1, after, choice.options[option].goto ?? target, limit - found.length)) {
        found.push({ ...way, options: [option, ...way.options] });
        if (found.length >= limit) return found;
      }
    }
    return found;
  }
}
