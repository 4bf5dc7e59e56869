// One viewer's run: where it stands, which choice is open, and what happens when it locks.

import { Path, walk, pack, folded } from './path.js';
import { draw, fraction } from './memory.js';

const armAhead = 4;        // seconds before a window in which what may follow is fetched
const idleAhead = 6;       // seconds of an idle scene that are on the timeline while a choice waits
const saveInterval = 5;    // seconds
const context = 1.5;       // seconds before a window to which the viewer goes back

/// Events: `scene` (another plays), `window` (a choice opens, changes or closes), `announce`,
/// `path` (a choice was locked), `ending`, `moved` (elsewhere in the story).
export class Story extends EventTarget {
  constructor(graph, stitcher, memory, reports) {
    super();
    Object.assign(this, { graph, stitcher, memory, reports, video: stitcher.video });
    this.window = null;    // { decision, entry, at, lock, selected, by, held, fallback }
    this.patience = memory.setting('patience', 1);
    this.announced = null;
    this.lastSave = 0;
    this.reached = null;   // the ending whose card is due
    this.busy = 0;
    stitcher.heads.wanted = [];
  }

  emit(name, detail) { this.dispatchEvent(Object.assign(new Event(name), { detail })) }

  // ---- beginnings

  /// Variables that outlive a run, and those that are drawn for it, make the state of the entry.
  freshPath() {
    const state = this.graph.initialState, entry = this.graph.scenes.get(this.graph.episode.entry);
    let changed = false;
    for (const variable of this.graph.episode.variables) {
      const known = variable.random ? variable.min + draw(variable.max - variable.min + 1) : this.memory.value(variable);
      if (!Number.isInteger(known) || known < variable.min || known > variable.max || known === variable.init) continue;
      state.set(variable.name, known);
      changed ||= entry.checkpoint?.includes(variable.name) ?? false;
    }
    return changed ? new Path({ scene: entry.id, state: pack(entry.checkpoint, state, this.graph) }, []) : Path.beginning;
  }

  /// Throws if the path is none of this episode.
  async begin(path, place = {}) {
    const walked = walk(this.graph, path);
    this.run = place.run ?? crypto.randomUUID();
    this.kept = place.pick ?? null;
    this.adopt(walked);
    this.close();
    this.reached = this.settled = this.armed = null;
    const items = this.items(walked, 0);
    await this.change(() => {
      const replaced = this.stitcher.replaceAfter(-1, items, this.isWhole);
      // The timeline is another already: what is fetched first is what is played first.
      const index = Math.min(place.step ?? 0, this.stitcher.timeline.length - 1);
      const time = place.time !== undefined ? this.timelineTime(place.time) : this.stitcher.timeline[index].start;
      this.video.currentTime = Math.max(0, Math.min(time, this.stitcher.end - .2));
      return replaced;
    });
    // What leads there counts as seen.
    for (let number = 0, made = 0; number <= this.entry.number; made += walked.steps[number++].decisions.length) {
      this.memory.see(walked.steps[number].scene.id, path.prefix(made).spelling);
    }
    this.emit('moved');
  }

  restart() { this.memory.forgetPlace(); return this.begin(this.freshPath()) }

  adopt(walked) { this.walked = walked; this.path = walked.path }
  get isWhole() { return this.walked.open === null }

  items(walked, from) { return walked.steps.slice(from).map((step, i) => ({ key: step.scene.id, number: from + i })) }

  async change(work) { this.busy++; try { await work() } finally { this.busy-- } }

  // ---- where it is

  get index() { return this.stitcher.indexAt(this.video.currentTime) }
  get entry() { return this.stitcher.timeline[this.index] }
  get step() { return this.walked?.steps[this.entry?.number ?? 0] }
  get scene() { return this.step?.scene.id ?? null }

  /// Seconds in the document of the path: whole scenes, nothing idle.
  get pathTime() {
    const { entry } = this;
    if (!entry) return 0;
    let time = 0;
    for (const other of this.stitcher.timeline) if (other.number < entry.number && !other.idle) time += other.full;
    return time + (entry.idle ? this.stitcher.timeline.find((e) => e.number === entry.number).full
      : Math.max(0, this.video.currentTime - entry.start));
  }

  timelineTime(pathTime) {
    let time = 0;
    for (const entry of this.stitcher.timeline) {
      if (entry.idle) continue;
      if (pathTime < time + entry.full) return entry.start + Math.min(pathTime - time, entry.length);
      time += entry.full;
    }
    return this.stitcher.end;
  }

  entryOf(number) { return this.stitcher.timeline.findIndex((entry) => entry.number === number && !entry.idle) }

  /// Forward no further than the next choice that nobody made.
  seek(time) {
    const { open } = this.walked;
    let most = this.stitcher.end - .1;
    if (open) {
      const last = this.stitcher.timeline[this.entryOf(this.walked.steps.length - 1)];
      most = Math.min(most, Math.max(last.start + open.choice.at / 1000, this.video.currentTime));
    }
    const target = Math.max(0, Math.min(time, most));
    if (this.window && !this.isInside(this.window, target)) this.close();
    this.reached = this.settled = null;
    this.video.currentTime = target;
    this.tick();
  }

  isInside(window, time) { return time >= window.at && time < window.lock }

  // ---- the clock

  /// Looks at the time; cheap, and called often.
  tick() {
    const { entry, step } = this;
    if (!entry || !step || this.busy) return;
    const time = this.video.currentTime, now = performance.now();
    if (entry !== this.lastEntry) this.entered(entry, step);
    if (now - this.lastSave > saveInterval * 1000) this.save();
    const start = this.stitcher.timeline[this.entryOf(entry.number)]?.start ?? entry.start;
    if (this.window && this.window.entryNumber !== entry.number) this.late();
    if (!this.window) this.lookForWindow(entry, step, start, time);
    if (this.window) this.watch(time, now);
    if (!this.busy) this.arm(entry, step, start, time);
    if (this.walked.ending && entry.number === this.walked.steps.length - 1 && !entry.idle && this.reached === null
      && (this.video.ended || time > this.stitcher.end - .12)) {
      this.reached = this.walked.ending;
      this.memory.find(this.walked.ending);
      this.memory.forgetPlace();
      this.emit('ending', this.walked.ending);
    }
  }

  entered(entry, step) {
    this.lastEntry = entry;
    const made = this.walked.steps.slice(0, entry.number).reduce((sum, other) => sum + other.decisions.length, 0);
    this.memory.see(step.scene.id, this.path.prefix(made).spelling);
    if (step.scene.ending) this.memory.find(step.scene.ending);
    this.memory.keepValues(this.graph, step.state);
    this.save();
    this.emit('scene', entry);
  }

  /// The playhead left the scene before the lock was seen: a hidden page is not called often.
  late() {
    const { decision } = this.window;
    if (decision.option === null || this.window.selected !== decision.option) this.lock();
    else this.close();
  }

  lookForWindow(entry, step, start, time) {
    const local = time - start;
    for (const decision of step.decisions) {
      const { choice } = decision, at = choice.at / 1000, lock = (choice.at + choice.for) / 1000;
      const isOpen = decision.option === null, ends = choice.untimed && isOpen ? Infinity : lock;
      const announceAt = at - (choice.a11y?.announceAt ?? 0) / 1000;
      if (local >= announceAt && local < at && this.announced !== decision) { this.announced = decision; this.emit('announce', decision) }
      if (local >= ends) {
        // Only the page was late, or the viewer jumped over it.
        if (isOpen) { this.open(decision, entry, start); this.lock(); return }
        continue;
      }
      if (local < at) return;
      if (entry.idle && !isOpen) continue;
      if (!isOpen && !this.graph.episode.policy.backtrack) continue;
      // Too late to choose again, or only just chosen.
      if (!isOpen && (local > lock - .5 || this.settled === decision.digit)) continue;
      this.open(decision, entry, start);
      return;
    }
  }

  open(decision, entry, start) {
    const { choice } = decision;
    const fallback = this.graph.fallback(choice, decision.state, fraction) ?? decision.enabled[0] ?? 0;
    const untimed = choice.untimed && decision.option === null;
    const kept = this.kept?.digit === decision.digit && decision.option === null && decision.enabled.includes(this.kept.option) ? this.kept.option : null;
    this.kept = null;
    this.window = { decision, choice, entryNumber: entry.number, start, at: start + choice.at / 1000, untimed,
      lock: untimed ? Infinity : start + (choice.at + choice.for) / 1000, fallback,
      selected: decision.option ?? kept ?? fallback, by: kept === null ? 'default' : 'viewer', again: decision.option !== null, held: null };
    if (this.announced !== decision) { this.announced = decision; this.emit('announce', decision) }
    this.emit('window', 'open');
  }

  close() {
    if (!this.window) return;
    if (this.window.held) this.release();
    this.window = null;
    this.emit('window', 'close');
  }

  /// 1 just after the window opened … 0 at the lock; null if there is no end.
  get remaining() {
    const { window } = this;
    if (!window || window.untimed) return null;
    const extra = this.extraTime(window.choice), length = window.lock - window.at;
    if (extra === Infinity) return null;
    const left = window.held ? window.held.until - performance.now() / 1000 : window.lock - this.video.currentTime + extra;
    return Math.max(0, Math.min(1, left / (length + extra)));
  }

  /// Seconds that this viewer asked for beyond the window.
  extraTime(choice) {
    const offered = choice.a11y?.extend ?? [], wanted = this.patience;
    if (wanted === 1 || !offered.length) return 0;
    const factor = offered.includes(wanted) ? wanted : offered.at(-1);
    return factor === 0 ? Infinity : Math.max(0, factor - 1) * choice.for / 1000;
  }

  watch(time, now) {
    const { window } = this;
    if (time < window.at - .05) return this.close();
    if (window.untimed) return this.keepWaiting();
    if (window.held) { if (now / 1000 >= window.held.until) { this.release(); this.lock() } return }
    if (time < window.lock) return;
    const extra = window.by === 'viewer' ? 0 : this.extraTime(window.choice);
    if (extra > 0 && !this.video.paused) {
      window.held = { until: extra === Infinity ? Infinity : now / 1000 + extra };
      this.video.pause();
      return;
    }
    if (extra === 0) this.lock();
  }

  release() { this.window.held = null; this.video.play().catch(() => {}) }

  /// While an untimed choice waits its idle scene is played again and again.
  keepWaiting() {
    const { window, stitcher } = this, { idle } = window.choice;
    if (stitcher.end - this.video.currentTime > idleAhead || !idle || !stitcher.media.scenes[idle]) return;
    stitcher.extend([{ key: idle, number: window.entryNumber, idle: true }]);
  }

  // ---- what may follow

  arm(entry, step, start, time) {
    const first = step.decisions.find((decision) => {
      const lock = start + (decision.choice.at + decision.choice.for) / 1000;
      return decision.option === null || (time < lock && this.mayGoBack && this.settled !== decision.digit);
    });
    if (!first || time < start + first.choice.at / 1000 - armAhead || this.armed === first) return;
    this.armed = first;
    const { choice } = first, immediate = choice.lock === 'immediate' || choice.untimed;
    const ways = this.graph.successors(step.scene, step.decisions.indexOf(first), first.state, this.targetBefore(step, first));
    const selected = this.window?.selected ?? first.option ?? first.fallback;
    ways.sort((a, b) => (b.options[0] === selected) - (a.options[0] === selected));
    this.ways = ways;
    const deadline = start + (immediate ? choice.at : choice.at + choice.for) / 1000;
    this.armedAt = time;
    this.stitcher.heads.arm([...new Set(ways.map((way) => way.scene.id))].filter((key) => this.stitcher.media.scenes[key]),
      () => deadline - this.video.currentTime, this.stitcher.headPlan);
  }

  targetBefore(step, decision) {
    let target = step.scene.next;
    for (const other of step.decisions) {
      if (other === decision) break;
      target = other.choice.options[other.option]?.goto ?? target;
    }
    return target;
  }

  // ---- choosing

  /// The viewer takes an option; it counts at the lock, which for some choices is now.
  pick(option) {
    const { window } = this;
    if (!window || !window.decision.enabled.includes(option)) return false;
    Object.assign(window, { selected: option, by: 'viewer', takenAt: this.video.currentTime });
    const way = this.ways?.find((w) => w.options[0] === option);
    if (way) this.stitcher.heads.prefer(way.scene.id);
    this.emit('window', 'picked');
    this.save();
    if (window.held) { this.release(); this.lock() } else if (window.untimed || window.choice.lock === 'immediate') this.lock(true);
    return true;
  }

  /// `atOnce`: the viewer has chosen where a choice cuts.
  lock(atOnce = false) {
    const { window } = this, { decision, choice, selected, by } = window;
    const number = window.entryNumber, before = this.path.prefix(decision.digit);
    const at = Math.max(0, Math.round(100 * ((window.takenAt ?? this.video.currentTime) - window.start)) / 100);
    this.window = null;
    this.settled = decision.digit;
    this.emit('window', 'close');
    if (decision.option === selected) return;  // as before
    if (decision.option !== null) this.run = crypto.randomUUID();  // another run branches off
    let walked;
    try { walked = walk(this.graph, before.adding(selected)) } catch (error) { return this.emit('failure', error) }
    this.adopt(walked);
    this.lastChoice = { choice: choice.id, option: selected, by, at };
    this.report(before, decision, selected, by, at);
    this.armed = null;
    const items = this.items(walked, number + 1);
    this.stitcher.heads.keepOnly(items.slice(0, 1).map((item) => item.key));
    this.emit('path', { decision, option: selected, by });
    this.change(() => this.follow(number, items, atOnce && items.length > 0));
    this.memory.keepValues(this.graph, walked.state);
    this.save();
  }

  async follow(number, items, atOnce) {
    const { stitcher } = this, index = this.index, playing = stitcher.timeline[index];
    const own = this.entryOf(number);
    const next = stitcher.timeline[own + 1];
    // At the end of the scene, unless the viewer waits in an idle scene or the choice cuts.
    const step = this.walked.steps[number], last = step.decisions.at(-1);
    const cuts = atOnce && !this.walkedOpen(number) && (playing.idle || last?.choice.lock === 'immediate');
    if (cuts && playing.number === number) return stitcher.cut(index, items, this.isWhole);
    if (!next) return stitcher.extend(items, this.isWhole);
    return stitcher.replaceAfter(playing.number === number && playing.idle ? index : own, items, this.isWhole);
  }

  walkedOpen(number) { return this.walked.open !== null && number === this.walked.steps.length - 1 }

  report(before, decision, option, by, at) {
    const ways = [{ path: before.spelling, occurrence: decision.occurrence }];
    try {
      const short = folded(this.graph, walk(this.graph, before));
      ways.push({ path: short.spelling, occurrence: walk(this.graph, short).open.occurrence });
    } catch {}
    this.reports.send({ version: this.graph.episode.version, run: this.run, choice: decision.choice.id, option, by, at }, ways);
  }

  // ---- back and away

  /// Every choice that was made, in order: `{ step, number, decision }`.
  get decisions() {
    return this.walked.steps.flatMap((step, number) => step.decisions.map((decision) => ({ step, number, decision })))
      .filter(({ decision }) => decision.option !== null);
  }

  get mayGoBack() { return this.graph.episode.policy.backtrack }

  /// To shortly before a choice that was made; until another is taken, nothing is lost.
  goTo({ number, decision }) {
    const entry = this.stitcher.timeline[this.entryOf(number)];
    if (!this.mayGoBack || !entry) return;
    this.close();
    this.armed = null;
    this.seek(entry.start + Math.max(0, decision.choice.at / 1000 - context));
    this.video.play().catch(() => {});
    this.emit('moved');
  }

  /// The last choice whose window is behind, or the one before it if that was only just.
  get earlier() {
    const now = this.video.currentTime;
    return this.decisions.findLast(({ number, decision }) => {
      const entry = this.stitcher.timeline[this.entryOf(number)];
      return entry && entry.start + decision.choice.at / 1000 + 1 < now;
    }) ?? null;
  }

  back() { const { earlier } = this; if (earlier) this.goTo(earlier) }

  /// To a scene that was seen, by the way that is known.
  jump(scene) {
    const spelling = this.memory.own.seen[scene];
    if (spelling === undefined || !this.mayGoBack) return;
    const path = Path.parse(spelling), walked = walk(this.graph, path);
    const step = walked.steps.findLastIndex((s) => s.scene.id === scene);
    if (step < 0) return;
    return this.begin(path, { step });
  }

  save() {
    this.lastSave = performance.now();
    if (this.reached !== null || !this.walked) return this.memory.save();
    const { window } = this, pick = window?.by === 'viewer' ? { digit: window.decision.digit, option: window.selected } : undefined;
    this.memory.keepPlace(this.graph.episode.version, { path: this.path.spelling, scene: this.scene, time: this.pathTime, run: this.run, pick });
  }

  get link() { return `${location.origin}${location.pathname}#path=${this.path.spelling}&t=${this.pathTime.toFixed(1)}` }
}
