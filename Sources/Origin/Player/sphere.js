// A 360° scene: the equirectangular picture on the inside of a sphere, seen from its middle.

const vertex = `attribute vec2 p; varying vec2 v; void main() { v = p; gl_Position = vec4(p, 0., 1.); }`;
// For each pixel the direction it looks in, turned by pitch and yaw, then longitude and latitude.
const fragment = `precision highp float; varying vec2 v; uniform sampler2D t; uniform vec2 look; uniform vec2 lens;
void main() {
  vec3 d = normalize(vec3(v * lens, -1.));
  float c = cos(look.y), s = sin(look.y);
  d = vec3(d.x, c * d.y - s * d.z, s * d.y + c * d.z);
  float yaw = atan(d.x, -d.z) + look.x, pitch = asin(clamp(d.y, -1., 1.));
  gl_FragColor = texture2D(t, vec2(fract(yaw / 6.2831853 + .5), .5 - pitch / 3.1415927));
}`;
const radians = (degrees) => degrees * Math.PI / 180;

export class Sphere {
  constructor(canvas, video) {
    Object.assign(this, { canvas, video, yaw: 0, pitch: 0, width: 90, shown: false });
    const arrived = () => { this.fresh = true; video.requestVideoFrameCallback(arrived) };
    video.requestVideoFrameCallback?.(arrived);
    const held = new Map();
    canvas.addEventListener('pointerdown', (event) => { held.set(event.pointerId, event); canvas.setPointerCapture(event.pointerId) });
    for (const end of ['pointerup', 'pointercancel']) canvas.addEventListener(end, (event) => held.delete(event.pointerId));
    canvas.addEventListener('pointermove', (event) => {
      const before = held.get(event.pointerId);
      if (!before) return;
      held.set(event.pointerId, event);
      const scale = this.width / canvas.clientWidth;
      this.turn((before.clientX - event.clientX) * scale, (event.clientY - before.clientY) * scale);
    });
    canvas.addEventListener('wheel', (event) => { event.preventDefault(); this.width = Math.max(40, Math.min(110, this.width + event.deltaY / 20)) }, { passive: false });
  }

  turn(yaw, pitch) {
    this.yaw = ((this.yaw + yaw + 540) % 360) - 180;
    this.pitch = Math.max(-85, Math.min(85, this.pitch + pitch));
  }

  /// Follows the device where it has a gyroscope; asks for leave where that is needed, so from a click.
  async follow() {
    if (this.follows) return;
    try { if (await window.DeviceOrientationEvent?.requestPermission?.() === 'denied') return } catch { return }
    this.follows = true;
    let last = null;
    addEventListener('deviceorientation', ({ alpha, beta, gamma }) => {
      if (alpha === null || !this.shown) return;
      const flat = Math.abs(screen.orientation?.angle ?? 0) === 90, tilt = flat ? -gamma : beta - 90;
      if (last) this.turn(-(((alpha - last.alpha + 540) % 360) - 180), Math.abs(tilt - last.tilt) < 30 ? tilt - last.tilt : 0);
      last = { alpha, tilt };
    });
  }

  show(on) {
    if (on === this.shown) return;
    this.shown = on;
    this.canvas.hidden = !on;
    if (on) { this.yaw = this.pitch = 0; this.fresh = true; this.prepare() }
  }

  prepare() {
    if (this.gl) return;
    const gl = this.gl = this.canvas.getContext('webgl', { antialias: false, alpha: false });
    if (!gl) { this.show(false); return }  // flat, then: better than nothing
    const program = gl.createProgram();
    for (const [kind, source] of [[gl.VERTEX_SHADER, vertex], [gl.FRAGMENT_SHADER, fragment]]) {
      const shader = gl.createShader(kind);
      gl.shaderSource(shader, source);
      gl.compileShader(shader);
      gl.attachShader(program, shader);
    }
    gl.linkProgram(program);
    gl.useProgram(program);
    gl.bindBuffer(gl.ARRAY_BUFFER, gl.createBuffer());
    gl.bufferData(gl.ARRAY_BUFFER, new Float32Array([-1, -1, 3, -1, -1, 3]), gl.STATIC_DRAW);
    gl.enableVertexAttribArray(gl.getAttribLocation(program, 'p'));
    gl.vertexAttribPointer(gl.getAttribLocation(program, 'p'), 2, gl.FLOAT, false, 0, 0);
    gl.bindTexture(gl.TEXTURE_2D, gl.createTexture());
    for (const [name, value] of [[gl.TEXTURE_MIN_FILTER, gl.LINEAR], [gl.TEXTURE_MAG_FILTER, gl.LINEAR], [gl.TEXTURE_WRAP_S, gl.CLAMP_TO_EDGE], [gl.TEXTURE_WRAP_T, gl.CLAMP_TO_EDGE]]) {
      gl.texParameteri(gl.TEXTURE_2D, name, value);
    }
    this.look = gl.getUniformLocation(program, 'look');
    this.lens = gl.getUniformLocation(program, 'lens');
  }

  get reach() { const x = Math.tan(radians(this.width / 2)); return { x, y: x * this.canvas.clientHeight / Math.max(1, this.canvas.clientWidth) } }

  draw() {
    const { gl, canvas, video } = this;
    if (!this.shown || !gl) return;
    const w = Math.min(1920, canvas.clientWidth), h = Math.round(w * canvas.clientHeight / Math.max(1, canvas.clientWidth));
    if (canvas.width !== w || canvas.height !== h) { canvas.width = w; canvas.height = h; gl.viewport(0, 0, w, h) }
    const looks = [this.yaw, this.pitch, this.width, w, h].join();
    if (!this.fresh && looks === this.looks && video.requestVideoFrameCallback) return;
    this.looks = looks;
    this.fresh = false;
    if (video.readyState >= 2) gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGB, gl.RGB, gl.UNSIGNED_BYTE, video);
    gl.uniform2f(this.look, radians(this.yaw), radians(this.pitch));
    gl.uniform2f(this.lens, this.reach.x, this.reach.y);
    gl.drawArrays(gl.TRIANGLES, 0, 3);
  }

  /// Pixels from the canvas's top left corner at which a direction is seen; null behind the viewer.
  place({ yaw, pitch }) {
    const a = radians(yaw - this.yaw), p = radians(pitch), c = Math.cos(radians(-this.pitch)), s = Math.sin(radians(-this.pitch));
    const x = Math.cos(p) * Math.sin(a), y0 = Math.sin(p), z0 = -Math.cos(p) * Math.cos(a);
    const y = c * y0 - s * z0, z = s * y0 + c * z0;
    if (z > -.05) return null;
    const { reach, canvas } = this;
    const at = { x: (x / -z / reach.x + 1) / 2 * canvas.clientWidth, y: (1 - y / -z / reach.y) / 2 * canvas.clientHeight };
    return at.x > 0 && at.y > 0 && at.x < canvas.clientWidth && at.y < canvas.clientHeight ? at : null;
  }

  /// Degrees to the right of where the viewer looks, −180 … 180.
  side({ yaw }) { return ((yaw - this.yaw + 540) % 360) - 180 }

  /// Turns until a spot is in sight.
  face({ yaw, pitch }) { this.yaw = yaw; this.pitch = Math.max(-85, Math.min(85, pitch)) }
}
