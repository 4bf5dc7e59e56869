// A screening: one film for all who watch it, and they vote on how it goes on. The playlist tells which choice is
// open, until when, and what came of it; `Choices` draws it as it draws one viewer's.

const byteCount = 512, tallyInterval = 1000, noteTime = 6000;

/// Draws an id for this browser once: it makes votes one for each viewer, and says nothing else.
function viewerId() {
  try {
    const known = localStorage.getItem('dougong-viewer');
    if (known) return known;
  } catch {}
  const id = [...crypto.getRandomValues(new Uint8Array(12))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  try { localStorage.setItem('dougong-viewer', id) } catch {}
  return id;
}

/// Of an EXT-X-DATERANGE as hls.js has it.
class OpenChoice {
  constructor(range, choice) {
    const { attr } = range, date = (name) => Date.parse(attr[name]);
    Object.assign(this, { id: range.id, choice, occurrence: +attr['X-OCC'], votes: attr['X-VOTES'] });
    this.opens = date('START-DATE');
    this.locks = date('X-LOCK');
    const enabled = attr['X-OPTS'].split(',').map((option) => parseInt(option));
    this.decision = { enabled, fallback: +(attr['X-DEFAULT'] ?? enabled[0]) };
    this.selected = this.decision.fallback;
    this.by = 'default';
    this.counts = {};
  }
}

export class Screening extends EventTarget {
  /// `playing()`: the wall-clock date of the picture that is shown, in milliseconds, or null; `note(text)` tells viewers.
  constructor({ episode, language, playing, note }) {
    super();
    Object.assign(this, { episode, language, playing, note, window: null, viewer: viewerId(), ranges: new Map(), told: new Set(), answers: [] });
    setInterval(() => this.count(), tallyInterval);
  }

  get remaining() {
    const now = this.playing();
    if (!this.window || now === null) return 1;
    return Math.max(0, Math.min(1, (this.window.locks - now) / (this.window.locks - this.window.opens)));
  }
  extraTime() { return 0 }

  choice(id) { return this.episode.scenes.flatMap((scene) => scene.choices).find((choice) => choice.id === id) }

  /// With each playlist: its date ranges, as `details.dateRanges` of hls.js.
  take(ranges) {
    for (const range of Object.values(ranges)) if (range.attr?.['X-CP']) this.ranges.set(range.id, range);
  }

  /// Each frame.
  draw() {
    const now = this.playing();
    if (now === null) return;
    for (const range of this.ranges.values()) {
      const { attr } = range, opens = Date.parse(attr['START-DATE']), locks = Date.parse(attr['X-LOCK']);
      if (!this.window && opens <= now && now < locks && !attr['X-CHOSEN']) this.open(range);
      if (attr['X-CHOSEN'] && now >= locks && now < Date.parse(attr['X-BRANCH']) + noteTime) this.tell(range);
    }
    if (this.window && now >= this.window.locks) this.close();
  }

  open(range) {
    const choice = this.choice(range.attr['X-CP']);
    if (!choice) return;
    this.window = new OpenChoice(range, choice);
    this.emit('announce', { choice, enabled: this.window.decision.enabled });
    this.emit('window', 'open');
    this.count();
  }

  close() {
    this.emit('window', 'close');
    this.window = null;
  }

  emit(name, detail) { this.dispatchEvent(new CustomEvent(name, { detail })) }

  /// What came of a choice, once.
  tell(range) {
    if (this.told.has(range.id)) return;
    this.told.add(range.id);
    const { attr } = range, choice = this.choice(attr['X-CP']), option = choice?.options[+attr['X-CHOSEN']];
    if (!option) return;
    const counts = Object.fromEntries((attr['X-TALLY'] ?? '').split(',').filter(Boolean).map((pair) => pair.split(':').map(Number)));
    const all = Object.values(counts).reduce((sum, count) => sum + count, 0), text = this.language.own(option.text) || option.id;
    this.note(attr['X-BY'] === 'vote' ? this.language.say('voted', text, counts[attr['X-CHOSEN']] ?? 0, all) : this.language.say('notVoted', text));
  }

  // MARK: Votes

  async pick(option) {
    const open = this.window;
    if (!open || !open.decision.enabled.includes(option)) return;
    Object.assign(open, { selected: option, by: 'viewer' });
    this.emit('window', 'mark');
    const text = JSON.stringify({ choice: open.choice.id, occurrence: open.occurrence, option, viewer: this.viewer });
    try {
      const reply = await fetch(open.votes, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: text.padEnd(byteCount) });
      this.answers.push(reply.status);
      if (!reply.ok) this.note(this.language.say('notCounted'));
    } catch { this.note(this.language.say('notCounted')) }
    this.count();
  }

  /// How the votes stand.
  async count() {
    const open = this.window;
    if (!open) return;
    try {
      const tally = await (await fetch(open.votes, { cache: 'no-cache' })).json();
      if (tally.open?.choice !== open.choice.id || this.window !== open) return;
      open.counts = tally.open.counts;
      this.emit('tally', open.counts);
    } catch {}
  }
}

/// Shows the votes on the buttons of a choice.
export function showTally(root, counts) {
  const all = Object.values(counts).reduce((sum, count) => sum + count, 0);
  for (const button of root.querySelectorAll('.option')) {
    const count = counts[button.dataset.option] ?? 0;
    let label = button.querySelector('.votes');
    if (!label) button.append(label = Object.assign(document.createElement('small'), { className: 'votes' }));
    label.textContent = all ? count : '';
    button.style.setProperty('--share', all ? count / all : 0);
  }
}
