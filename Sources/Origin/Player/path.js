// What was chosen, spelt as a part of a URL, and the walk that it means: EpisodePath.swift,
// EpisodeState.swift and Walk.swift for the browser.

const digits = '0123456789abcdefghijklmnopqrstuvwxyz';
const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const maximumScenes = 4096, maximumDigits = 512;

export class Path {
  /// `start`: null, or `{ scene, state }` with the packed state; `options`: a position for each choice.
  constructor(start, options) { this.start = start; this.options = options }

  static get beginning() { return new Path(null, []) }

  static parse(text) {
    const parts = /^(?:@([A-Za-z][A-Za-z0-9_-]{0,63})\.([A-Za-z0-9_-]+)\.)?(_|[0-9a-z]+)$/.exec(text);
    if (!parts || parts[3].length > maximumDigits) throw new Error('This is no path through an episode.');
    const options = parts[3] === '_' ? [] : [...parts[3]].map((digit) => digits.indexOf(digit));
    return new Path(parts[1] ? { scene: parts[1], state: parts[2] } : null, options);
  }

  get spelling() {
    const text = this.options.map((option) => digits[option]).join('') || '_';
    return this.start ? `@${this.start.scene}.${this.start.state}.${text}` : text;
  }

  adding(option) { return new Path(this.start, [...this.options, option]) }
  prefix(count) { return new Path(this.start, this.options.slice(0, count)) }
}

const bitCount = (variable) => { let n = 0; while (2 ** n < variable.max - variable.min + 1) n++; return n };

/// The values that a checkpoint carries: each less its minimum, in as few bits as it needs, base64url.
export function pack(names, state, graph) {
  let bits = '';
  for (const name of names) {
    const variable = graph.variables.get(name), count = bitCount(variable);
    if (count) bits += (state.get(name) - variable.min).toString(2).padStart(count, '0');
  }
  if (!bits) return '-';
  bits = bits.padEnd(Math.ceil(bits.length / 6) * 6, '0');
  return bits.match(/.{6}/g).map((six) => alphabet[parseInt(six, 2)]).join('');
}

/// What `pack` wrote, in a state whose other variables have their initial values.
export function unpack(text, names, graph) {
  const state = graph.initialState;
  const needed = names.reduce((sum, name) => sum + bitCount(graph.variables.get(name)), 0);
  const wrong = new Error('The state in the path is not one of this checkpoint.');
  if (text.length !== Math.max(1, Math.ceil(needed / 6)) || (needed === 0 && text !== '-')) throw wrong;
  if (needed === 0) return state;
  let bits = '';
  for (const character of text) {
    const value = alphabet.indexOf(character);
    if (value < 0) throw wrong;
    bits += value.toString(2).padStart(6, '0');
  }
  let next = 0;
  for (const name of names) {
    const variable = graph.variables.get(name), count = bitCount(variable);
    const value = count ? parseInt(bits.slice(next, next + count), 2) : 0;
    next += count;
    if (variable.min + value > variable.max) throw wrong;
    state.set(name, variable.min + value);
  }
  if (bits.slice(next).includes('1')) throw wrong;
  return state;
}

/// Walks to the first choice that the path does not decide, or to an ending.
///
///     walk(graph, Path.parse('01'))
///     // { path, steps: [{ scene, state, before, decisions: [{ choice, occurrence, option, enabled,
///     //   fallback, state, digit }] }], state, open, ending }
///
/// `before` is the state on arrival; a decision's `state` is the one it is made in, `digit` its place
/// in the path. `takesDefaults`: go on as if nobody chose.
export function walk(graph, path, { takesDefaults = false } = {}) {
  let scene, state;
  if (path.start) {
    scene = graph.scenes.get(path.start.scene);
    if (!scene) throw new Error('The path starts at a scene that is not there.');
    if (!scene.checkpoint) throw new Error(`The path starts at ${scene.id}, which is no checkpoint.`);
    state = unpack(path.start.state, scene.checkpoint, graph);
  } else {
    scene = graph.scenes.get(graph.episode.entry);
    state = graph.initialState;
  }
  const steps = [], occurrences = new Map(), options = [...path.options];
  let taken = 0, open = null;
  walking: while (scene) {
    if (steps.length >= maximumScenes) throw new Error(`The path leads through more than ${maximumScenes} scenes.`);
    const before = new Map(state);
    graph.enter(scene, state);
    const step = { scene, before, state: new Map(state), decisions: [] };
    steps.push(step);
    let target = scene.next;
    for (const choice of scene.choices) {
      occurrences.set(choice.id, (occurrences.get(choice.id) ?? 0) + 1);
      const decision = {
        choice, occurrence: occurrences.get(choice.id), option: options[taken] ?? null, digit: taken,
        enabled: graph.enabled(choice, state), fallback: graph.fallback(choice, state), state: new Map(state),
      };
      if (decision.option === null && takesDefaults) {
        if (decision.fallback === null) throw new Error(`The default of ${choice.id} in ${scene.id} cannot be chosen here.`);
        decision.option = decision.fallback;
        options.push(decision.option);
      }
      step.decisions.push(decision);
      if (decision.option === null) { open = decision; break walking }
      taken++;
      const option = choice.options[decision.option];
      if (!option) throw new Error(`${choice.id} in ${scene.id} has no option ${decision.option}.`);
      if (!decision.enabled.includes(decision.option)) {
        throw new Error(`${option.id} of ${choice.id} in ${scene.id} cannot be chosen after this path.`);
      }
      graph.apply(option.do, state);
      target = option.goto ?? target;
    }
    if (!target) {
      if (!scene.ending) throw new Error(`The story does not go on after ${scene.id}.`);
      break;
    }
    const from = scene.id;
    scene = graph.resolve(target, state);
    if (!scene) throw new Error(`No way leads on from ${from} in this state.`);
  }
  if (taken < options.length) throw new Error('The path has digits behind its ending.');
  return { path: new Path(path.start, options), steps, state, open, ending: open ? null : steps.at(-1).scene.ending ?? null };
}

/// The shortest path that means the same: from the last checkpoint that the walk came through.
export function folded(graph, walked) {
  for (let i = walked.steps.length - 1; i > 0; i--) {
    const { scene, before } = walked.steps[i];
    if (!scene.checkpoint) continue;
    const made = walked.steps.slice(0, i).reduce((sum, step) => sum + step.decisions.length, 0);
    return new Path({ scene: scene.id, state: pack(scene.checkpoint, before, graph) }, walked.path.options.slice(made));
  }
  return walked.path;
}
