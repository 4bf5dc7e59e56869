// What is kept between visits, in this browser alone.

const maximumSeen = 4096;

/// One record for each episode: `{ version, place: { path, scene, time, run, pick }, seen: { scene: path },
/// endings: [id], values: { name: value } }`, and one of settings and series variables for all.
export class Memory {
  constructor(name) {
    this.key = 'dougong.episode.' + name;
    this.own = { seen: {}, endings: [], values: {}, ...this.read(this.key) };
    this.shared = { series: {}, settings: {}, ...this.read('dougong.shared') };
    // Another tab found something: it is not written over.
    addEventListener('storage', ({ key }) => {
      if (key === 'dougong.shared') Object.assign(this.shared, this.read(key));
      if (key !== this.key) return;
      const { seen = {}, endings = [] } = this.read(key);
      for (const [scene, path] of Object.entries(seen)) this.see(scene, path);
      for (const ending of endings) this.find(ending);
    });
  }

  read(key) { try { return JSON.parse(localStorage.getItem(key)) ?? {} } catch { return {} } }
  write(key, value) { try { localStorage.setItem(key, JSON.stringify(value)) } catch {} }

  save() { this.write(this.key, this.own); this.write('dougong.shared', this.shared) }

  setting(name, otherwise) { return this.shared.settings[name] ?? otherwise }
  set(name, value) { this.shared.settings[name] = value; this.save() }

  get place() { return this.own.place ?? null }
  keepPlace(version, place) { Object.assign(this.own, { version, place }); this.save() }
  forgetPlace() { delete this.own.place; this.save() }

  /// The way to each scene that was seen, the shortest that is known.
  see(scene, path) {
    const known = this.own.seen[scene];
    if (known === undefined ? Object.keys(this.own.seen).length < maximumSeen : path.length < known.length) this.own.seen[scene] = path;
  }

  find(ending) { if (!this.own.endings.includes(ending)) this.own.endings.push(ending) }

  /// Values of the viewer's and the series' variables.
  keepValues(graph, state) {
    for (const { name, scope } of graph.episode.variables) {
      if (scope === 'viewer') this.own.values[name] = state.get(name);
      if (scope === 'series') this.shared.series[name] = state.get(name);
    }
  }

  value(variable) { return { viewer: this.own.values, series: this.shared.series }[variable.scope]?.[variable.name] }
}

/// An even draw of 0 … count − 1.
export function draw(count) {
  const most = 2 ** 32 - 2 ** 32 % count, one = new Uint32Array(1);
  do crypto.getRandomValues(one); while (one[0] >= most);
  return one[0] % count;
}
export const fraction = () => draw(2 ** 20) / 2 ** 20;
