// Questions that are spoken over the film, which becomes quieter meanwhile.

const quieter = .3;        // of its loudness that the film keeps
const fade = .3;           // seconds in which the film becomes quieter, and loud again
const maximumLog = 512;    // spoken questions that are remembered for tests

/// Speaks from the moment that a choice is announced until it locks, in the viewer's language, else in
/// the first. Silent where the viewer muted the film; stands still while the film does.
export class Voice {
  /// `url(file)`: where a prompt of the episode lies.
  constructor(video, story, language, url) {
    Object.assign(this, { video, story, language, url, sound: null, full: null, ready: new Map(), log: [] });
    story.addEventListener('scene', () => this.prepare());
    story.addEventListener('announce', ({ detail }) => this.speak(detail.choice));
    story.addEventListener('window', ({ detail }) => { if (detail === 'close') this.stop() });
    video.addEventListener('seeking', () => { if (!this.isDue) this.stop() });
    video.addEventListener('pause', () => { if (!story.window?.held) this.sound?.pause() });
    video.addEventListener('play', () => this.start());
    video.addEventListener('volumechange', () => { if (video.muted) this.stop() });
  }

  get isOn() { return this.story.memory.setting('spoken', true) }
  set isOn(on) { this.story.memory.set('spoken', on); if (on) this.prepare(); else this.stop() }

  /// Whether the choice that is spoken is announced or open where the film stands.
  get isDue() {
    const { entry, step } = this.story, start = entry && this.story.stitcher.timeline[this.story.entryOf(entry.number)]?.start;
    const decision = step?.decisions.find(({ choice }) => choice === this.sound?.choice);
    if (!decision) return false;
    const time = 1000 * (this.video.currentTime - start), { choice } = decision;
    return time >= choice.at - (choice.a11y?.announceAt ?? 0) && (choice.untimed || time < choice.at + choice.for);
  }

  file(choice) { return this.language.own(choice.spokenPrompt) }

  /// What the scene may ask is fetched when it begins.
  prepare() {
    this.ready.clear();
    if (!this.isOn) return;
    for (const choice of this.story.step?.scene.choices ?? []) if (this.file(choice)) this.load(this.file(choice));
  }

  load(file) {
    const sound = new Audio(this.url(file));
    sound.preload = 'auto';
    this.ready.set(file, sound);
    return sound;
  }

  speak(choice) {
    this.stop();
    const file = this.file(choice);
    if (!file || !this.isOn || this.video.muted || this.loudness === 0) return;
    const sound = this.ready.get(file) ?? this.load(file);
    this.ready.delete(file);
    Object.assign(sound, { choice, volume: this.loudness, onended: () => this.stop(), onerror: () => this.stop() });
    this.sound = sound;
    this.full = this.loudness;
    if (this.log.length === maximumLog) this.log.shift();
    this.log.push({ choice: choice.id, file, at: this.video.currentTime, heard: 0, film: this.full });
    this.start();
  }

  start() {
    const { sound } = this;
    if (sound && (!this.video.paused || this.story.window?.held)) sound.play().catch(() => { if (sound === this.sound && !this.video.paused) this.stop() });
  }

  stop() {
    this.sound?.pause();
    this.note();
    this.sound = null;
  }

  note() { if (this.sound) Object.assign(this.log.at(-1), { heard: this.sound.currentTime, film: Math.min(this.video.volume, this.log.at(-1).film) }) }

  /// The film's, as the viewer set it.
  get loudness() { return this.full ?? this.video.volume }
  set loudness(value) {
    const loudness = Math.max(0, Math.min(1, value));
    if (this.full === null) { this.video.volume = loudness; return }
    this.full = loudness;
    if (this.sound) this.sound.volume = loudness;
  }

  /// Each frame.
  draw(now) {
    const passed = Math.min(.1, (now - (this.drawn ?? now)) / 1000);
    this.drawn = now;
    this.note();
    if (this.full === null) return;
    const target = this.full * (this.sound && !this.sound.paused ? quieter : 1), step = passed / fade;
    const { volume } = this.video;
    this.video.volume = Math.max(0, Math.min(1, volume + Math.max(-step, Math.min(step, target - volume))));
    if (!this.sound && Math.abs(this.video.volume - this.full) < .001) { this.video.volume = this.full; this.full = null }
  }
}
