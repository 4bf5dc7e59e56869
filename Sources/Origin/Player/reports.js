// Choice reports: all of one length, at the lock time, whoever chose, off the path of playback.

const byteCount = 512, attemptCount = 5, longestPath = 240;

export class Reports {
  /// `changed(scene)`: the episode has another version; go on from this scene, or null.
  constructor(url, changed) { this.url = url; this.changed = changed; this.sent = 0; this.answers = [] }

  static body(report) {
    const text = JSON.stringify(report), length = new TextEncoder().encode(text).length;
    return length <= byteCount ? text + ' '.repeat(byteCount - length) : null;
  }

  /// `ways`: `{ path, occurrence }`, the path before the choice as it may be spelt, the fullest first;
  /// the first that fits is sent.
  async send(report, ways) {
    const way = ways.find(({ path }) => path.length <= longestPath) ?? ways.at(-1), body = Reports.body({ ...report, ...way });
    if (!body) return;
    for (let attempt = 1; attempt <= attemptCount; attempt++) {
      try {
        const reply = await fetch(this.url, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body, keepalive: true });
        this.answers.push(reply.status);
        if (reply.ok) { this.sent++; return }
        if (reply.status === 410) return this.changed((await reply.json().catch(() => ({}))).scene ?? null);
        if (reply.status < 500 && reply.status !== 429) return;
      } catch {}
      await new Promise((done) => setTimeout(done, 500 * 2 ** attempt * (.75 + Math.random() / 2)));
    }
  }
}
