// Where the viewer was: the map, the strip of choices, and the card at an ending.

import { drawMap } from './map.js';

const $ = (selector) => document.querySelector(selector);
const element = (name, properties = {}, ...children) => { const e = Object.assign(document.createElement(name), properties); e.append(...children); return e };

export class Atlas {
  /// `play()`: goes on playing; `note(text)`: says a sentence.
  constructor(story, language, { play, note }) {
    Object.assign(this, { story, language, play, note });
    this.dialog = $('#atlas');
    $('#map').onclick = () => this.toggle();
    $('#close').onclick = () => this.dialog.close();
    $('#share').onclick = () => this.share();
    this.dialog.addEventListener('close', () => { if (this.goesOn) play(); this.goesOn = false });
    story.addEventListener('ending', ({ detail }) => this.showCard(detail));
    story.addEventListener('moved', () => this.hideCard());
    story.video.addEventListener('seeking', () => { if (story.reached === null) this.hideCard() });
  }

  toggle() {
    if (this.dialog.open) return this.dialog.close();
    this.goesOn = !this.story.video.paused && !this.story.video.ended;
    this.story.video.pause();
    this.dialog.showModal();
    this.draw();
  }

  get endings() {
    const all = this.story.graph.episode.endings, found = new Set(this.story.memory.own.endings);
    return { all, found: all.filter((ending) => found.has(ending.id)), has: found };
  }

  draw() {
    const { story, language } = this, { all, found, has } = this.endings;
    $('#atlas h2').textContent = language.own(story.graph.episode.title);
    $('#atlas header p').textContent = language.say('found', found.length, all.length);
    $('#share').textContent = language.say('share');
    $('#close').textContent = language.say('close');
    $('#values').replaceChildren(...story.graph.episode.variables.filter((v) => !v.hidden && !v.name.includes(':')).map((v) => {
      const value = story.step.state.get(v.name);
      return element('span', {}, `${language.own(v.title) || v.name} `, element('b', { textContent: v.kind === 'enum' ? v.of[value] : v.kind === 'bool' ? (value ? '✓' : '–') : value }));
    }));
    const way = story.walked.steps.slice(0, story.entry.number + 1).map((step) => step.scene.id);
    const picture = drawMap(story.graph, { seen: new Set(Object.keys(story.memory.own.seen)), current: story.scene, way, found: has, language, canJump: story.mayGoBack, room: $('#scroll').clientWidth },
      (scene) => { this.goesOn = true; this.dialog.close(); story.jump(scene) });
    $('#scroll').replaceChildren(picture);
    if (picture.current) {
      $('#scroll').scrollLeft = picture.current.x - $('#scroll').clientWidth / 2 + 80;
      $('#scroll').scrollTop = picture.current.y - $('#scroll').clientHeight / 2;
    }
    $('#strip').setAttribute('aria-label', language.say('way'));
    $('#strip').replaceChildren(...story.decisions.map((made) => {
      const option = made.decision.choice.options[made.decision.option], text = language.own(option.text) || option.id;
      const button = element('button', { disabled: !story.mayGoBack }, element('small', { textContent: language.own(made.decision.choice.prompt) || language.own(made.step.scene.title) }), text);
      button.setAttribute('aria-label', language.say('toChoice', text));
      button.onclick = () => { this.goesOn = true; this.dialog.close(); story.goTo(made) };
      return element('li', {}, button);
    }));
    $('#strip').hidden = !story.decisions.length;
    $('#strip').scrollLeft = 1e6;
  }

  async share() {
    const { link } = this.story;
    history.replaceState(null, '', link);
    try { await navigator.clipboard.writeText(link); this.note(this.language.say('copied')) } catch { this.note(link) }
  }

  showCard(id) {
    const { story, language } = this, { all, found, has } = this.endings, ending = story.graph.endings.get(id), card = $('#card');
    if (this.dialog.open) this.dialog.close();
    const action = (name, work, first) => { const b = element('button', { className: 'pill' + (first ? ' first' : ''), textContent: language.say(name) }); b.onclick = work; return b };
    const best = ending?.rank === 1 ? language.say('best') : ending?.secret ? language.say('secret') : language.say('ending');
    const again = this.untried();
    card.replaceChildren(
      element('small', { textContent: best }), element('h2', { id: 'how', textContent: language.own(ending?.title) || id }),
      element('div', { className: 'stars', ariaHidden: 'true' }, ...all.filter((e) => !e.secret || has.has(e.id)).map((e) => element('i', { className: has.has(e.id) ? 'found' : '' }))),
      element('p', { textContent: language.say('found', found.length, all.length) }),
      element('div', {}, ...[again && action('another', () => { this.hideCard(); story.goTo(again) }, true), action('restart', () => { story.restart(); this.play() }, !again),
        action('map', () => this.toggle()), action('share', () => this.share())].filter(Boolean)));
    card.setAttribute('aria-labelledby', 'how');
    card.hidden = false;
    card.querySelector('.first')?.focus({ preventScroll: true });
  }

  hideCard() { $('#card').hidden = true }

  /// The last choice from which a scene that was never seen can be reached; else the last choice.
  untried() {
    const { story } = this, { seen } = story.memory.own;
    if (!story.mayGoBack) return null;
    const fresh = ({ step, decision }) => story.graph
      .successors(step.scene, step.decisions.indexOf(decision), decision.state, story.targetBefore(step, decision)).some((way) => seen[way.scene.id] === undefined);
    return story.decisions.findLast(fresh) ?? story.decisions.at(-1) ?? null;
  }
}
