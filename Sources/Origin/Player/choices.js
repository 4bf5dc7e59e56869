// The open choice over the picture: buttons, clock, keys, gamepad, and what screen readers say.

const element = (name, properties = {}, ...children) => { const e = Object.assign(document.createElement(name), properties); e.append(...children); return e };

export class Choices {
  /// Of a spot of a 360° scene, `place(spot)`: where it is on the screen, or null if it is out of sight;
  /// `side(spot)`: by how many degrees to the right it lies; `face(spot)`: turns to it.
  constructor(root, live, story, language, { place, side, face }) {
    Object.assign(this, { root, live, story, language, place, side, face, buttons: [] });
    story.addEventListener('window', ({ detail }) => (detail === 'open' ? this.open() : detail === 'close' ? this.close() : this.mark(story.window.selected)));
    story.addEventListener('announce', ({ detail }) => this.announce(detail));
  }

  get isOpen() { return !this.root.hidden }

  texts(choice) { return { prompt: this.language.own(choice.prompt), options: choice.options.map((option) => this.language.own(option.text) || option.id) } }

  announce({ choice, enabled }) {
    const { prompt, options } = this.texts(choice), { language } = this;
    const time = choice.untimed || this.story.extraTime(choice) === Infinity ? language.say('noHurry')
      : language.say('seconds', Math.round(choice.for / 1000 + this.story.extraTime(choice)));
    const said = [prompt || language.say('choose'), ...enabled.map((p) => language.say('option', p + 1, options[p])), time];
    this.live.textContent = said.map((part) => (/[\p{P}]$/u.test(part) ? part : part + language.say('stop'))).join(' ');
  }

  open() {
    const { choice, decision } = this.story.window, { prompt, options } = this.texts(choice), { language } = this;
    const spots = choice.options.some((option) => option.spot);
    this.buttons = choice.options.map((option, position) => {
      const enabled = decision.enabled.includes(position);
      if (!enabled && option.else !== 'disabled') return null;
      const key = choice.a11y?.keys?.[position];
      const button = element('button', { className: 'option', disabled: !enabled }, element('kbd', { ariaHidden: 'true', textContent: position + 1 }),
        element('span', { textContent: options[position] }));
      button.setAttribute('aria-label', enabled ? options[position] : `${options[position]} (${language.say('notNow')})`);
      button.setAttribute('aria-pressed', 'false');
      button.dataset.option = position;
      if (key) button.setAttribute('aria-keyshortcuts', key);
      // A spot that is not in sight is turned to first.
      button.onclick = () => (button.classList.contains('away') ? this.face(option.spot) : this.story.pick(position));
      button.onfocus = () => this.focused(position);
      if (option.spot) { button.classList.add('spot'); button.spot = option.spot; button.style.setProperty('--size', option.spot.size) }
      return button;
    });
    this.ring = element('div', { className: 'clock' }, element('i'));
    this.ring.setAttribute('aria-hidden', 'true');
    const list = element('div', { className: 'options' }, ...this.buttons.filter((b) => b && !b.spot));
    const question = element('p', { id: 'question', textContent: prompt || language.say('choose') });
    this.root.replaceChildren(element('div', { className: 'sheet' }, question, this.ring, list), ...this.buttons.filter((b) => b?.spot));
    this.root.setAttribute('aria-labelledby', 'question');
    this.root.classList.toggle('spots', spots);
    this.root.classList.remove('picked');
    this.root.hidden = false;
    document.body.classList.add('choosing');
    this.mark(this.story.window.selected);
    this.point(this.story.window.selected);
    this.draw();
    // The keyboard is where the choice is, unless it is in a menu.
    if (document.activeElement === document.body || !document.activeElement?.closest('.menu, dialog')) {
      this.opening = true;
      this.buttons[this.pointed]?.focus({ preventScroll: true });
      this.opening = false;
    }
  }

  /// A spot to which the viewer goes comes into sight; one that is only the default leaves the view alone.
  focused(position) {
    this.point(position);
    const { spot } = this.buttons[position];
    if (spot && !this.opening && !this.place(spot)) this.face(spot);
  }

  close() {
    const had = this.root.contains(document.activeElement);
    this.root.hidden = true;
    document.body.classList.remove('choosing');
    if (had) document.activeElement.blur();
    this.root.replaceChildren();
    this.buttons = [];
  }

  /// What counts at the lock.
  mark(option) {
    const byViewer = this.story.window?.by === 'viewer';
    this.root.classList.toggle('picked', byViewer);
    this.buttons.forEach((button, position) => {
      button?.classList.toggle('selected', position === option);
      button?.setAttribute('aria-pressed', String(position === option && byViewer));
    });
    if (byViewer) {
      this.point(option);
      this.live.textContent = `${this.language.say('chosen')}: ${this.texts(this.story.window.choice).options[option]}`;
    }
  }

  /// Where the keyboard or the gamepad is.
  point(option) { this.pointed = option; this.buttons.forEach((button, position) => button?.classList.toggle('pointed', position === option)) }

  step(direction) {
    const able = this.buttons.map((button, position) => (button && !button.disabled ? position : -1)).filter((p) => p >= 0);
    if (!able.length) return;
    const at = able.indexOf(this.pointed);
    this.point(able[(at + direction + able.length) % able.length]);
    this.buttons[this.pointed].focus({ preventScroll: true });
  }

  /// Whether the key was for the choice.
  key(event) {
    if (!this.isOpen) return false;
    const { choice } = this.story.window, keys = choice.a11y?.keys ?? [];
    const digit = /^[1-9]$/.test(event.key) ? +event.key - 1 : -1;
    const own = keys.indexOf(event.key);
    if (own >= 0) { this.story.pick(own); return true }
    if (digit >= 0 && this.buttons[digit]) { this.story.pick(digit); return true }
    if (event.key === 'ArrowLeft' || event.key === 'ArrowUp') { this.step(-1); return true }
    if (event.key === 'ArrowRight' || event.key === 'ArrowDown') { this.step(1); return true }
    if (event.key === 'Enter' && !event.target.closest?.('.menu, header, #row')) { this.story.pick(this.pointed); return true }
    return false;
  }

  /// Left and right, and A.
  pad() {
    const pads = navigator.getGamepads?.() ?? [], now = {};
    for (const pad of pads) {
      if (!pad) continue;
      now.left ||= pad.buttons[14]?.pressed || pad.axes[0] < -.5;
      now.right ||= pad.buttons[15]?.pressed || pad.axes[0] > .5;
      now.take ||= pad.buttons[0]?.pressed;
    }
    const before = this.padBefore ?? {};
    this.padBefore = now;
    if (!this.isOpen) return;
    if (now.left && !before.left) this.step(-1);
    if (now.right && !before.right) this.step(1);
    if (now.take && !before.take) this.story.pick(this.pointed);
  }

  /// Where a spot out of sight is named: at the side to which one has to turn.
  edge(button) {
    const right = this.side(button.spot) > 0, half = button.offsetWidth / 2 + 24, row = this.buttons.indexOf(button);
    return { side: right ? 'right' : 'left', x: right ? this.root.clientWidth - half : half, y: this.root.clientHeight * .4 + (row - (this.buttons.length - 1) / 2) * 64 };
  }

  /// Each frame.
  draw() {
    this.pad();
    if (!this.isOpen || !this.story.window) return;
    const left = this.story.remaining;
    this.ring.classList.toggle('endless', left === null);
    if (left !== null) this.ring.firstChild.style.transform = `scaleX(${left.toFixed(4)})`;
    for (const button of this.buttons) {
      if (!button?.spot) continue;
      const at = this.place(button.spot) ?? this.edge(button);
      button.classList.toggle('away', Boolean(at.side));
      button.dataset.side = at.side ?? '';
      button.style.transform = `translate(-50%, -50%) translate(${at.x.toFixed(1)}px, ${at.y.toFixed(1)}px)`;
    }
  }
}
