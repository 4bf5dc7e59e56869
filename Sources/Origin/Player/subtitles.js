// Cues of the scenes on the timeline, from WebVTT in MP4 (ISO/IEC 14496-30).

/// `[{ start, end, text }]` of one segment, in ticks of the scene.
export function cues(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), found = [], decoder = new TextDecoder();
  const boxes = function* (from, to) {
    for (let at = from; at + 8 <= to;) {
      const size = view.getUint32(at), type = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
      if (size < 8 || at + size > to) return;
      yield { type, start: at + 8, end: at + size, at };
      at += size;
    }
  };
  for (const moof of boxes(0, bytes.length)) {
    if (moof.type !== 'moof') continue;
    for (const traf of boxes(moof.start, moof.end)) {
      if (traf.type !== 'traf') continue;
      let time = 0, duration = 0, size = 0;
      for (const box of boxes(traf.start, traf.end)) {
        const flags = view.getUint32(box.start) & 0xffffff, version = bytes[box.start];
        if (box.type === 'tfhd') {
          let at = box.start + 8 + (flags & 1 ? 8 : 0) + (flags & 2 ? 4 : 0);
          if (flags & 8) { duration = view.getUint32(at); at += 4 }
          if (flags & 16) size = view.getUint32(at);
        } else if (box.type === 'tfdt') {
          time = version ? Number(view.getBigUint64(box.start + 4)) : view.getUint32(box.start + 4);
        } else if (box.type === 'trun') {
          const count = view.getUint32(box.start + 4);
          let at = box.start + 8, data = moof.at;
          if (flags & 1) { data += view.getInt32(at); at += 4 }
          if (flags & 4) at += 4;
          for (let i = 0; i < count && at <= box.end; i++) {
            const length = flags & 0x100 ? view.getUint32(at) : duration;
            if (flags & 0x100) at += 4;
            const bytesOfSample = flags & 0x200 ? view.getUint32(at) : size;
            if (flags & 0x200) at += 4;
            if (flags & 0x400) at += 4;
            if (flags & 0x800) at += 4;
            const texts = [];
            for (const cue of boxes(data, Math.min(bytes.length, data + bytesOfSample))) {
              if (cue.type !== 'vttc') continue;
              for (const part of boxes(cue.start, cue.end)) if (part.type === 'payl') texts.push(decoder.decode(bytes.subarray(part.start, part.end)));
            }
            for (const text of texts) found.push({ start: time, end: time + length, text });
            data += bytesOfSample;
            time += length;
          }
        }
      }
    }
  }
  return found;
}

/// Shows the subtitles of one track, scene by scene as they are on the timeline.
export class Subtitles {
  constructor(stitcher, loader, place) {
    Object.assign(this, { stitcher, loader, track: null, loaded: new Map() });
    this.tracks = stitcher.media.tracks.filter((track) => track.kind === 'text' && /^wvtt/.test(track.codecs));
    this.list = stitcher.video.addTextTrack('subtitles', '', '');
    this.list.mode = 'hidden';  // ours are drawn over 360° scenes too, and above an open choice
    this.list.addEventListener('cuechange', () => {
      place.replaceChildren(...[...this.list.activeCues].map((cue) => {
        const line = document.createElement('p');
        line.append(cue.getCueAsHTML());
        return line;
      }));
    });
    stitcher.addEventListener('timeline', () => this.draw());
  }

  show(track) { this.track = track; this.draw() }

  scene(key, track) {
    const name = key + ' ' + track.name;
    if (!this.loaded.has(name)) {
      const segments = this.stitcher.segments(key, track), count = segments?.durations.length ?? 0;
      const load = Promise.all(Array.from({ length: count }, (_, i) => this.loader.load(this.stitcher.url(key, track, i + 1)).then(cues)))
        .then((lists) => join(lists.flat()).map((cue) => ({ start: cue.start / track.timescale, end: cue.end / track.timescale, text: cue.text })));
      load.catch(() => this.loaded.delete(name));
      this.loaded.set(name, load);
    }
    return this.loaded.get(name);
  }

  async draw() {
    const { track } = this, turn = this.turn = {};
    const near = this.stitcher.timeline.filter((entry) => entry.start + entry.length > this.stitcher.video.currentTime - 60);
    const all = [];
    for (const entry of track ? near : []) {
      const found = await this.scene(entry.key, track).catch(() => []);
      if (this.turn !== turn) return;
      for (const { start, end, text } of found) {
        if (start < entry.length) all.push([entry.start + start, entry.start + Math.min(end, entry.length), text]);
      }
    }
    for (const cue of [...this.list.cues ?? []]) this.list.removeCue(cue);
    for (const [start, end, text] of all) this.list.addCue(new VTTCue(start, end, text));
  }
}

/// A cue is cut at the edges of segments; here it is whole again.
function join(list) {
  const whole = [];
  for (const cue of list) {
    const before = whole.findLast((other) => other.text === cue.text);
    if (before && before.end === cue.start) before.end = cue.end; else whole.push({ ...cue });
  }
  return whole;
}
