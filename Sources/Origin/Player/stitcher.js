// Scenes, each an encode that starts at 0, put behind one another on one timeline of Media Source
// Extensions, so that no join is seen or heard.
//
//     const stitcher = new Stitcher(video, media, folder, loader, heads);
//     await stitcher.open();
//     stitcher.extend([{ key: 's1', step }, …]);   // goes on with these scenes
//     stitcher.replaceAfter(2, [{ … }]);           // another branch after the third placement
//     await stitcher.cut(2, [{ … }]);              // at once, in the middle of it

const goal = 20, leastGoal = 4;          // seconds that are buffered ahead
const behind = 60, kept = 30;            // seconds played that stay: removed to `kept` once over `behind`
const cutAhead = .36;                    // seconds from a choice to a cut: nearer than .2 the decoder has the old pictures already
const forever = 360000;                  // seconds; the story's length is not known before it ended
const longestHole = 400;                 // milliseconds
const edge = .004;                       // seconds: less than any frame, more than any rounding

const wait = (seconds) => new Promise((done) => setTimeout(done, seconds * 1000));

export class Stitcher extends EventTarget {
  constructor(video, media, folder, loader, heads) {
    super();
    Object.assign(this, { video, media, folder, loader, heads });
    const playable = (track) => MediaSource.isTypeSupported(Stitcher.type(track));
    const pictures = media.tracks.filter((track) => track.kind === 'video' && playable(track));
    const family = (track) => track.codecs.split('.')[0];
    /// Rungs of one codec family, from the lowest.
    this.rungs = pictures.filter((track) => family(track) === family(pictures[0])).sort((a, b) => a.bandwidth - b.bandwidth);
    this.sounds = media.tracks.filter((track) => track.kind === 'audio' && playable(track));
    this.sound = this.sounds.find((track) => track.default) ?? this.sounds[0] ?? null;
    this.timeline = [];          // { key, start, length, full, cut, step, idle }
    this.lanes = new Map();
    this.fixedRung = null;
    this.rung = 0;
    this.goal = goal;
    this.finished = false;       // whether the timeline ends where the story does
    this.segmentCount = 0;
    this.headers = new Map();
    this.starts = new Map();
    this.failed = null;
    this.held = 0;               // changes under way: nothing is filled while the timeline and the buffers disagree
  }

  static type(track) { return `${track.kind}/mp4; codecs="${track.codecs}"` }

  // ---- what is where

  get end() { const last = this.timeline.at(-1); return last ? last.start + last.length : 0 }
  /// Whether nothing is left to be played.
  get isOver() { return this.finished && this.video.currentTime > this.end - .2 }

  indexAt(time) {
    let index = this.timeline.length - 1;
    while (index > 0 && this.timeline[index].start > time + 1e-6) index--;
    return index;
  }

  segments(key, track) { return this.media.scenes[key]?.tracks[track.name] }

  /// Seconds from the scene's start at which its segments start, and its end.
  times(key, track) {
    const name = key + ' ' + track.name;
    if (!this.starts.has(name)) {
      let ticks = 0;
      const durations = this.segments(key, track)?.durations ?? [];
      this.starts.set(name, [0, ...durations.map((d) => (ticks += d) / track.timescale)]);
    }
    return this.starts.get(name);
  }

  url(key, track, number) { return `${this.folder}${key}/${track.name}/${this.segments(key, track).version}/${number}.m4s` }

  ahead(kind) {
    const ranges = this.lanes.get(kind)?.buffer.buffered, time = this.video.currentTime;
    for (let i = 0; ranges && i < ranges.length; i++) if (ranges.start(i) <= time + .1 && time < ranges.end(i)) return ranges.end(i) - time;
    return 0;
  }
  get bufferAhead() { return Math.min(...[...this.lanes.keys()].map((kind) => this.ahead(kind))) }

  /// What `Heads` needs to know.
  get headPlan() {
    const tracks = (rung) => [this.sound, this.rungs[rung]].filter(Boolean);
    return {
      rungs: this.rungs.length, current: () => this.fixedRung ?? this.rung,
      isShort: (seconds) => this.bufferAhead < Math.min(seconds, this.end - this.video.currentTime - .2),
      sizes: (key, rung, n) => tracks(rung).reduce((sum, track) => sum + (this.segments(key, track)?.bytes[n - 1] ?? 0), 0),
      files: (key, rung, n) => tracks(rung).filter((track) => this.segments(key, track)?.bytes[n - 1] !== undefined).map((track) => this.url(key, track, n)),
    };
  }

  // ---- the source

  async open() {
    const Source = window.ManagedMediaSource ?? window.MediaSource;
    if (!Source) throw new Error('This browser has no Media Source Extensions, so it cannot join scenes.');
    if (!this.rungs.length && !this.sounds.length) throw new Error('This browser has no decoder for the codecs of this episode.');
    this.source = new Source();
    if (window.ManagedMediaSource) this.video.disableRemotePlayback = true;
    const opened = new Promise((done) => this.source.addEventListener('sourceopen', done, { once: true }));
    this.video.src = URL.createObjectURL(this.source);
    await opened;
    URL.revokeObjectURL(this.video.src);
    this.source.duration = forever;
    this.rung = this.bestRung(true);
    if (this.rungs.length) this.addLane('video', this.rungs[this.rung]);
    if (this.sound) this.addLane('audio', this.sound);
    for (const event of ['seeking', 'timeupdate', 'waiting', 'playing']) this.video.addEventListener(event, () => this.pump());
    this.video.addEventListener('seeking', () => this.seekLanes(this.video.currentTime));
    this.timer = setInterval(() => this.pump(), 250);
  }

  addLane(kind, track) {
    const buffer = this.source.addSourceBuffer(Stitcher.type(track));
    buffer.mode = 'segments';
    this.lanes.set(kind, { kind, buffer, type: Stitcher.type(track), header: null, cursor: { index: 0, segment: 0 }, epoch: 0, busy: false,
      queue: Promise.resolve(), own: new AbortController() });
  }

  /// Operations on a source buffer, one after the other.
  operate(lane, work) {
    const run = async () => {
      if (this.source.readyState === 'closed') return;
      work(lane.buffer);
      if (!lane.buffer.updating) return;
      await new Promise((done, fail) => {
        lane.buffer.addEventListener('updateend', done, { once: true });
        lane.buffer.addEventListener('error', () => fail(new Error('The browser could not read a segment.')), { once: true });
      });
    };
    const result = lane.queue.then(run);
    lane.queue = result.catch(() => {});
    return result;
  }

  // ---- the timeline

  place(item, start) {
    const full = this.media.scenes[item.key].duration / 1e6;
    return { cut: false, idle: false, ...item, start, length: full, full };
  }

  extend(items, finished = false) {
    for (const item of items) this.timeline.push(this.place(item, this.end));
    this.finished = finished;
    this.changed();
  }

  /// Everything behind a placement becomes another branch; −1 for everything.
  async replaceAfter(index, items, finished = false) {
    this.timeline.length = index + 1;
    const from = this.end;
    this.extendQuietly(items, finished);
    this.held++;
    for (const lane of this.lanes.values()) this.interrupt(lane);
    await Promise.all([...this.lanes.values()].map((lane) => this.remove(lane, Math.max(0, from - edge), Infinity)));
    this.held--;
    this.seekLanes(Math.max(this.video.currentTime, 0));
    this.changed();
  }

  extendQuietly(items, finished) {
    for (const item of items) this.timeline.push(this.place(item, this.end));
    this.finished = finished;
  }

  /// Goes over to another branch in the middle of a placement, as soon as its head is there.
  async cut(index, items, finished = false) {
    const placement = this.timeline[index], key = items[0].key;
    // The old branch plays on until the head of the new one is there.
    await this.headOf(key);
    if (this.timeline[index] !== placement) return;
    const now = this.video.currentTime;
    if (now + cutAhead >= placement.start + placement.length || now < placement.start) return this.replaceAfter(index, items, finished);
    this.timeline.length = index + 1;
    this.held++;
    for (const lane of this.lanes.values()) this.interrupt(lane);
    let at = placement.start + this.wholePictures(now + cutAhead - placement.start);
    const picture = this.lanes.get('video');
    if (picture) {
      await this.remove(picture, at - edge, Infinity);
      const ranges = picture.buffer.buffered;
      // What is left ends with a whole picture.
      for (let i = 0; i < ranges.length; i++) if (ranges.start(i) <= now + .1 && now < ranges.end(i) && ranges.end(i) < at - edge) at = ranges.end(i);
    }
    placement.length = at - placement.start;
    placement.cut = true;
    this.extendQuietly(items, finished);
    const sound = this.lanes.get('audio');
    if (sound) await this.remove(sound, at, Infinity);
    for (const lane of this.lanes.values()) lane.cursor = { index: index + 1, segment: 0 };
    this.held--;
    this.changed();
  }

  /// Seconds up to the next picture of a scene.
  wholePictures(time) {
    const [pictures, seconds = 1] = (this.rungs[this.rung]?.frameRate ?? '').split('/').map(Number), rate = pictures / seconds;
    return rate > 0 ? Math.ceil(time * rate - 1e-3) / rate : time;
  }

  async headOf(key) {
    const rung = this.heads.rung(key) ?? this.rungFor(key), plan = this.headPlan;
    const urls = plan.files(key, rung, 1);
    await Promise.all(urls.map(async (url) => {
      if (!this.heads.kept.has(url)) this.heads.kept.set(url, this.loader.load(url));
      await this.heads.kept.get(url);
    })).then(() => this.heads.rungs.set(key, { rung, count: 1 }), (error) => { for (const url of urls) this.heads.kept.delete(url); this.fail(error) });
  }

  /// Another viewpoint of a placement: its picture from the segment that plays.
  async view(index, key) {
    const placement = this.timeline[index], lane = this.lanes.get('video');
    if (!placement || placement.key === key || !this.media.scenes[key] || !lane) return;
    placement.picture = key;
    this.held++;
    this.interrupt(lane);
    const track = this.rungs[this.rung], times = this.times(key, track);
    const local = this.video.currentTime - placement.start;
    const segment = Math.max(0, times.findLastIndex((t, i) => i < times.length - 1 && t <= local + edge));
    const data = await this.loader.load(this.url(key, track, segment + 1)).catch((error) => this.fail(error));
    if (data && this.timeline[index] === placement) await this.remove(lane, placement.start + times[segment] - edge, Infinity);
    this.held--;
    if (!data || this.timeline[index] !== placement) return this.pump();
    lane.cursor = { index, segment };
    this.heads.kept.set(this.url(key, track, segment + 1), Promise.resolve(data));
    this.changed();
    // What the decoder holds is of the old place.
    if (index === this.indexAt(this.video.currentTime)) this.video.currentTime = this.video.currentTime;
  }

  changed() { this.dispatchEvent(new Event('timeline')); this.pump() }

  interrupt(lane) { lane.epoch++; lane.own.abort(new DOMException('Another way was taken.', 'AbortError')); lane.own = new AbortController() }

  remove(lane, from, to) {
    return this.operate(lane, (buffer) => {
      const ranges = buffer.buffered;
      if (ranges.length && ranges.end(ranges.length - 1) > from) buffer.remove(from, to);
    });
  }

  seekLanes(time) {
    for (const lane of this.lanes.values()) {
      this.interrupt(lane);
      const index = Math.max(0, this.indexAt(time)), placement = this.timeline[index];
      if (!placement) continue;
      const times = this.times(this.keyOf(lane, placement), this.trackOf(lane)), local = time - placement.start;
      lane.cursor = { index, segment: Math.max(0, times.findLastIndex((t, i) => i < times.length - 1 && t <= local + edge)) };
    }
    this.pump();
  }

  trackOf(lane) { return lane.kind === 'video' ? this.rungs[this.rung] : this.sound }
  keyOf(lane, placement) { return (lane.kind === 'video' && placement.picture) || placement.key }

  // ---- rungs

  /// The highest that the link carries. Up only with room to spare and a filled buffer, down at once.
  bestRung(first = false) {
    if (this.fixedRung !== null) return this.fixedRung;
    const estimate = this.loader.throughput.estimate, carried = (part) => Math.max(0, this.rungs.findLastIndex((rung) => rung.bandwidth <= estimate * part));
    if (first) return carried(.7);
    const ahead = this.ahead('video');
    if (ahead < 1) return Math.min(this.rung, carried(.5));
    if (carried(.9) < this.rung) return carried(.8);
    return ahead > 5 ? Math.max(this.rung, carried(.65)) : this.rung;
  }

  rungFor(key, segment = 0) { return (segment < 2 ? this.heads.rung(key) : null) ?? this.bestRung() }

  fixRung(rung) {
    this.fixedRung = rung;
    const lane = this.lanes.get('video');
    if (lane) { this.interrupt(lane); this.remove(lane, this.video.currentTime + 6, Infinity).then(() => this.seekLanes(this.video.currentTime)) }
  }

  /// Another language from now on: what comes next is there before what was is taken away.
  async setSound(track) {
    const lane = this.lanes.get('audio');
    if (!lane || track === this.sound) return;
    const turn = this.soundTurn = {}, ahead = this.video.paused ? .1 : .8;
    const placement = this.timeline[this.indexAt(this.video.currentTime + ahead)], times = this.times(placement.key, track);
    const segment = Math.max(0, times.findLastIndex((t, i) => i < times.length - 1 && t <= this.video.currentTime + ahead - placement.start));
    const url = this.url(placement.key, track, segment + 1);
    try {
      const [data] = await Promise.all([this.loader.load(url), this.header(track)]);
      if (this.soundTurn !== turn) return;
      this.heads.kept.set(url, Promise.resolve(data));
    } catch (error) { return this.fail(error) }
    this.sound = track;
    this.held++;
    this.interrupt(lane);
    const at = this.video.currentTime + ahead / 2;
    await this.remove(lane, at, Infinity);
    this.held--;
    lane.cutIn = at;
    this.seekLanes(at);
    this.pump();
  }

  // ---- filling

  pump() {
    if (this.failed || this.source?.readyState === 'closed') return;
    this.leap();
    for (const lane of this.lanes.values()) if (!lane.busy) this.fill(lane);
  }

  /// Over a hole at which playback has stood still for a while, if what follows is there.
  leap() {
    const { video } = this, now = performance.now();
    if (video.paused || video.seeking || video.currentTime !== this.stoodAt) { this.stoodAt = video.currentTime; this.stoodSince = now; return }
    if (now - this.stoodSince < longestHole) return;
    const ranges = video.buffered;
    for (let i = 0; i < ranges.length; i++) {
      const hole = ranges.start(i) - video.currentTime;
      if (hole > 0 && hole < .5) { video.currentTime = ranges.start(i) + edge; return }
    }
  }

  async fill(lane) {
    lane.busy = true;
    try {
      for (let next; (next = this.next(lane)) !== null;) {
        const { epoch } = lane;
        try {
          const data = await this.segment(lane, next);
          if (lane.epoch !== epoch) continue;
          await this.append(lane, next, data);
          if (lane.epoch !== epoch) continue;
          lane.cursor = { index: lane.cursor.index, segment: next.segment + 1 };
          if (lane.kind === 'video') this.segmentCount++;
          this.dispatchEvent(new Event('segment'));
        } catch (error) {
          if (error.name === 'AbortError' || lane.epoch !== epoch) continue;
          if (error.name === 'QuotaExceededError') { if (!await this.makeRoom(lane)) break; continue }
          throw error;
        }
      }
      this.tidy(lane);
      this.maybeEnd();
    } catch (error) { this.fail(error) } finally { lane.busy = false }
  }

  /// The next segment that is missing and near enough; null if there is none now.
  next(lane) {
    if (this.failed || this.held || this.source.readyState === 'closed') return null;
    for (;;) {
      const { index, segment } = lane.cursor, placement = this.timeline[index];
      if (!placement) return null;
      const key = this.keyOf(lane, placement);
      const times = this.times(key, this.trackOf(lane)), start = placement.start + times[segment];
      if (segment >= times.length - 1 || times[segment] >= placement.length - edge) {
        if (index + 1 >= this.timeline.length) return null;
        lane.cursor = { index: index + 1, segment: 0 };
        continue;
      }
      if (start > this.video.currentTime + this.goal) return null;
      const end = Math.min(placement.start + times[segment + 1], placement.start + placement.length);
      if (this.has(lane, start, end)) { lane.cursor = { index, segment: segment + 1 }; continue }
      return { placement, key, segment, start, end };
    }
  }

  has(lane, start, end) {
    const ranges = lane.buffer.buffered, slack = Math.min(.03, (end - start) / 3);  // a frame of sound may be missing at either end
    for (let i = 0; i < ranges.length; i++) if (ranges.start(i) <= start + slack && ranges.end(i) >= end - slack) return true;
    return false;
  }

  async segment(lane, next) {
    const number = next.segment + 1;
    if (lane.kind !== 'video') return this.bytes(lane, this.url(next.key, this.sound, number));
    const rung = this.rungFor(next.key, next.segment), track = this.rungs[rung];
    next.rung = rung;
    const url = this.url(next.key, track, number), began = performance.now();
    const total = this.segments(next.key, track).bytes[next.segment];
    const late = (received) => {
      // Given up if it would come after the picture stands still, and less would do.
      const spent = (performance.now() - began) / 1000, left = spent * (total - received) / Math.max(1, received);
      if (rung > 0 && this.fixedRung === null && spent > .6 && left > Math.max(.5, this.ahead('video'))) throw Object.assign(new Error('too slow'), { name: 'TooSlow' });
    };
    try { return await this.bytes(lane, url, late) } catch (error) {
      if (error.name !== 'TooSlow') throw error;
      next.rung = 0;
      return this.bytes(lane, this.url(next.key, this.rungs[0], number));
    }
  }

  async bytes(lane, url, progress) {
    const ahead = await this.heads.take(url)?.catch(() => null);
    return ahead ?? this.loader.load(url, { signal: lane.own.signal, progress });
  }

  header(track) {
    if (!this.headers.has(track.name)) {
      const load = this.loader.load(`${this.folder}${track.name}/${track.header}/init.mp4`);
      load.catch(() => this.headers.delete(track.name));
      this.headers.set(track.name, load);
    }
    return this.headers.get(track.name);
  }

  async append(lane, next, data) {
    const track = lane.kind === 'video' ? this.rungs[next.rung] : this.sound, { epoch } = lane;
    if (lane.header !== track.name) {
      const header = await this.header(track);
      if (lane.epoch !== epoch) return;
      await this.operate(lane, (buffer) => {
        if (lane.type !== Stitcher.type(track)) { buffer.changeType(Stitcher.type(track)); lane.type = Stitcher.type(track) }
        this.window(buffer, 0, Infinity);
        buffer.appendBuffer(header);
      });
      lane.header = track.name;
      if (lane.kind === 'video') this.rung = next.rung;
      this.dispatchEvent(new Event('rung'));
    }
    if (lane.epoch !== epoch) return;
    const { placement } = next, end = placement.start + placement.length;
    await this.operate(lane, (buffer) => {
      if (lane.epoch !== epoch) return;
      if (this.source.readyState === 'ended' || this.source.duration < forever / 2) this.lengthen();
      // Sound is cut to the picture: encoders begin and end with more than the scene has.
      if (lane.kind === 'audio') this.window(buffer, lane.cutIn && lane.cutIn > placement.start && lane.cutIn < end ? lane.cutIn : placement.start, end);
      else this.window(buffer, 0, placement.cut ? end + edge : Infinity);
      buffer.timestampOffset = placement.start;
      buffer.appendBuffer(data);
    });
    if (lane.cutIn && next.end > lane.cutIn) lane.cutIn = 0;
  }

  window(buffer, start, end) { buffer.appendWindowStart = 0; buffer.appendWindowEnd = end; buffer.appendWindowStart = start }

  lengthen() {
    if ([...this.lanes.values()].some((lane) => lane.buffer.updating)) return;
    try { if (this.source.readyState === 'open') this.source.duration = forever } catch {}
  }

  /// After `QuotaExceededError`: less behind, and less ahead from now on.
  async makeRoom(lane) {
    this.goal = Math.max(leastGoal, this.goal * .7);
    const now = this.video.currentTime;
    this.quotaCount = (this.quotaCount ?? 0) + 1;
    await this.remove(lane, now + this.goal + 10, Infinity);
    if (now > 6) await this.operate(lane, (buffer) => buffer.remove(0, now - 5));
    await wait(.5);
    return this.ahead(lane.kind) < this.goal;
  }

  /// What was played long ago goes.
  tidy(lane) {
    const ranges = lane.buffer.buffered, now = this.video.currentTime;
    if (ranges.length && ranges.start(0) < now - behind) this.operate(lane, (buffer) => buffer.remove(0, now - kept));
  }

  maybeEnd() {
    if (!this.finished || this.source.readyState !== 'open') return;
    for (const lane of this.lanes.values()) {
      if (lane.buffer.updating || !this.has(lane, this.end - .3, this.end)) return;
    }
    try { this.source.endOfStream() } catch {}
  }

  fail(error) {
    if (this.failed || error?.name === 'AbortError') return;
    this.failed = error;
    this.dispatchEvent(Object.assign(new Event('failure'), { error }));
  }

  /// Tries again after a failure.
  resume() {
    this.failed = null;
    this.seekLanes(this.video.currentTime);
  }

  /// Fetches the headers of all rungs, so that none waits for one later.
  prepare() { for (const track of this.rungs) this.header(track).catch(() => {}) }
}
