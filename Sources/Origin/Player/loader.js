// Bytes from the origin: how fast they come, tried again where they do not, and the first segments
// of scenes that may follow, fetched before anyone has chosen.

const attemptCount = 6, firstPause = 250, longestPause = 4000;  // milliseconds
const mostBytes = 64 << 20;  // of heads that are kept
const failureCount = 20;  // of heads that are tried again after all attempts
const comfort = [3, 8];  // seconds of what plays that come before first, and before second, segments
const silence = 8000;  // milliseconds without a byte after which an attempt is given up

/// Waits, but no longer than until the browser has a link again.
const pauseOrLink = (milliseconds) => new Promise((done) => {
  const timer = setTimeout(end, milliseconds);
  function end() { clearTimeout(timer); removeEventListener('online', end); done() }
  addEventListener('online', end);
});

/// Bits per second, over the time in which anything was on its way.
export class Throughput {
  constructor(first = 5e6) { this.fast = this.slow = first; this.active = 0; this.bytes = 0; this.weight = 0; this.last = 0; this.latency = Infinity }
  begin() { if (this.active++ === 0) { this.since = performance.now(); this.bytes = 0; this.waits = true } }
  /// The first byte of an answer came.
  answered(milliseconds) { this.latency = Math.min(this.latency, milliseconds) }
  add(count) { this.bytes += count; if (this.bytes > 256e3) this.sample() }
  end() { if (--this.active === 0) this.sample() }

  sample() {
    const now = performance.now(), whole = Math.max(1, now - this.since);
    if (this.bytes < 16e3) return;  // too few to tell
    // The way there and back is no part of the rate, but never most of what is measured.
    const elapsed = this.waits ? Math.max(whole / 3, whole - this.latency) : whole;
    this.waits = false;
    this.last = this.bytes * 8000 / elapsed;
    this.weight++;
    const blend = (old, half) => old + (this.last - old) * Math.max(half, 1 / this.weight);
    this.fast = blend(this.fast, .45);
    this.slow = blend(this.slow, .12);
    this.since = now;
    this.bytes = 0;
  }

  /// The lower of a quick and a slow average: quick to believe in a worse link, slow in a better one.
  get estimate() { return Math.min(this.fast, this.slow) }
}

export class LoadFailure extends Error {
  constructor(sentence, status) { super(sentence); this.status = status }
}

export class Loader {
  constructor(throughput) { this.throughput = throughput; this.retries = 0 }

  /// A whole body. `progress(received)` may throw to give up.
  async load(url, { signal, progress } = {}) {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.attempt(url, signal, progress);
      } catch (error) {
        if (signal?.aborted) throw signal.reason;
        const gone = error instanceof LoadFailure && error.status >= 400 && error.status < 500 && ![408, 425, 429].includes(error.status);
        if (error.name === 'TooSlow' || gone || attempt >= attemptCount) throw error;
        this.retries++;
        const pause = Math.min(longestPause, firstPause * 2 ** (attempt - 1)) * (.75 + Math.random() / 2);
        await pauseOrLink(pause);
        if (signal?.aborted) throw signal.reason;
      }
    }
  }

  async attempt(url, signal, progress) {
    const own = new AbortController(), stop = () => own.abort(signal.reason);
    signal?.addEventListener('abort', stop);
    let timer = 0;
    const awaitByte = () => { clearTimeout(timer); timer = setTimeout(() => own.abort(new LoadFailure(`Nothing more came of ${url}.`)), silence) };
    this.throughput.begin();
    const asked = performance.now();
    try {
      awaitByte();
      const reply = await fetch(url, { signal: own.signal });
      if (!reply.ok) throw new LoadFailure(`The origin answered ${reply.status} where the story goes on (${url}).`, reply.status);
      this.throughput.answered(performance.now() - asked);
      const parts = [], reader = reply.body.getReader();
      let received = 0;
      for (;;) {
        awaitByte();
        const { done, value } = await reader.read();
        if (done) break;
        parts.push(value);
        received += value.length;
        this.throughput.add(value.length);
        progress?.(received);
      }
      const whole = new Uint8Array(received);
      let at = 0;
      for (const part of parts) { whole.set(part, at); at += part.length }
      return whole;
    } catch (error) {
      own.abort(error);  // what still comes is not wanted
      if (signal?.aborted) throw signal.reason;
      if (error instanceof TypeError) throw new LoadFailure('The origin does not answer. Is it still running?');
      throw error;
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', stop);
      this.throughput.end();
    }
  }
}

/// The first segments of every scene that may follow an open choice.
///
/// All of them are there before the deadline: a slow link lowers the rung, never the guarantee.
///
///     heads.arm(['s2a', 's2b'], () => secondsToLock, plan)
///     heads.rung('s2a')          // the rung whose head is there
///     await heads.take(url)      // its bytes, once
export class Heads {
  constructor(loader) { this.loader = loader; this.kept = new Map(); this.rungs = new Map(); this.wanted = []; this.job = null; this.log = [] }

  /// - keys: scenes, the likeliest first. - timeLeft(): seconds.
  /// - plan: `{ rungs, current(), isShort(seconds), sizes(key, rung, n), files(key, rung, n) }` with rungs from the
  ///   lowest; whether less than that is buffered; of the n-th segment its bytes and its URLs for picture and sound.
  arm(keys, timeLeft, plan) {
    this.wanted = keys;
    this.timeLeft = timeLeft;
    this.plan = plan;
    for (const [key, { rung }] of this.rungs) if (!plan.files(key, rung, 1).every((url) => this.kept.has(url))) this.rungs.delete(key);
    if (!this.job) this.job = this.run().finally(() => { this.job = null });
  }

  /// Puts a scene first: it was chosen, or is about to be.
  prefer(key) { if (this.wanted.includes(key)) this.wanted = [key, ...this.wanted.filter((k) => k !== key)] }

  get ready() { return this.wanted.every((key) => this.rungs.has(key)) }

  async run() {
    let patience = failureCount;
    for (const n of [1, 2]) {
      for (;;) {
        await this.giveWay(n);
        const key = this.wanted.find((k) => (n === 1 ? !this.rungs.has(k) : this.rungs.get(k)?.count === 1 && this.plan.files(k, this.rungs.get(k).rung, 2).length > 0));
        if (key === undefined) break;
        const left = this.wanted.filter((k) => (this.rungs.get(k)?.count ?? 0) < n).length;
        const rung = n === 1 ? this.affordable(key, left) : this.rungs.get(key).rung;
        if (n === 2 && (this.plan.sizes(key, rung, 2) * this.wanted.length > mostBytes / 2 || !this.fits(this.plan.sizes(key, rung, 2), this.timeLeft() / left))) return;
        if (await this.fetch(key, rung, n, left) === 'failed') {
          if (patience-- === 0) return;
          await new Promise((done) => setTimeout(done, longestPause / 4));
        }
      }
    }
  }

  /// What plays goes first, as long as all heads still come in time.
  async giveWay(n) {
    for (;;) {
      const missing = this.wanted.filter((key) => (this.rungs.get(key)?.count ?? 0) < n);
      const bytes = missing.reduce((sum, key) => sum + this.plan.sizes(key, 0, n), 0);
      if (!missing.length || !this.plan.isShort(comfort[n - 1]) || !this.fits(bytes, this.timeLeft() - 1)) return;
      await new Promise((done) => setTimeout(done, 100));
    }
  }

  fits(bytes, seconds) { return bytes * 8 <= this.loader.throughput.estimate * .7 * seconds }

  /// The highest rung, up to the one that plays, of which all heads that are missing come in time.
  affordable(key, left) {
    const { rungs, sizes, current } = this.plan, share = this.timeLeft() / left;
    for (let rung = Math.min(current(), rungs - 1); rung > 0; rung--) {
      const bytes = sizes(key, rung, 1);
      if (this.fits(bytes, share) && bytes * this.wanted.length <= mostBytes / 2) return rung;
    }
    return 0;
  }

  async fetch(key, rung, n, left) {
    const urls = this.plan.files(key, rung, n), own = new AbortController(), began = performance.now();
    Object.assign(this, { own, fetching: key });
    const late = () => {
      if (rung > 0 && n === 1 && performance.now() - began > 1000 * Math.max(.4, this.timeLeft() / left)) throw Object.assign(new Error('too slow'), { name: 'TooSlow' });
    };
    const loads = urls.map((url) => this.loader.load(url, { signal: own.signal, progress: late }));
    urls.forEach((url, i) => { loads[i].catch(() => this.kept.delete(url)); this.kept.set(url, loads[i]) });
    try {
      await Promise.all(loads);
      this.rungs.set(key, { rung, count: n });
      this.log.push({ key, rung, n, milliseconds: Math.round(performance.now() - began) });
      return 'there';
    } catch (error) {
      for (const url of urls) this.kept.delete(url);
      if (own.signal.aborted) return 'not wanted';
      if (error.name === 'TooSlow') return await this.fetch(key, 0, n, 1);
      return 'failed';  // the stitcher will meet the same failure and say it
    }
  }

  rung(key) { return this.rungs.get(key)?.rung ?? null }

  /// The bytes of a URL that were fetched ahead, or undefined.
  take(url) { const found = this.kept.get(url); this.kept.delete(url); return found }

  /// What was not chosen goes.
  keepOnly(keys) {
    const urls = new Set(keys.flatMap((key) => [1, 2].flatMap((n) => (this.rungs.has(key) && this.plan ? this.plan.files(key, this.rungs.get(key).rung, n) : []))));
    this.wanted = this.wanted.filter((key) => keys.includes(key));
    if (this.job && !keys.includes(this.fetching)) this.own.abort(new DOMException('Another was chosen.', 'AbortError'));
    for (const url of [...this.kept.keys()]) if (!urls.has(url)) this.kept.delete(url);
    for (const key of [...this.rungs.keys()]) if (!keys.includes(key)) this.rungs.delete(key);
  }
}
