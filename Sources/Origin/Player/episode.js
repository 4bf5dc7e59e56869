// The interactive player's page: the parts, put together.

import { icon, clock, closeMenus, drawMenus, drawMenu } from './controls.js';
import { Graph } from './graph.js';
import { Path, walk } from './path.js';
import { Loader, Heads, LoadFailure, Throughput } from './loader.js';
import { Stitcher } from './stitcher.js';
import { Joins } from './joins.js';
import { Memory } from './memory.js';
import { Reports } from './reports.js';
import { Story } from './story.js';
import { Language } from './texts.js';
import { Choices } from './choices.js';
import { Atlas } from './atlas.js';
import { Voice } from './voice.js';
import { Sphere } from './sphere.js';
import { Subtitles } from './subtitles.js';

const $ = (selector) => document.querySelector(selector);
const video = $('video'), stage = $('#stage'), bar = $('#bar');
let name = location.pathname.split('/')[2] || '';
try { name = decodeURIComponent(name) } catch {}
const folder = '/' + encodeURIComponent(name) + '/';
const memory = new Memory(name), throughput = new Throughput(), loader = new Loader(throughput), heads = new Heads(loader);
let language = new Language(['en']), graph, stitcher, story, choices, voice, atlas, sphere, subtitles, joins;

// ---- what is said

function say(sentence, again = () => location.reload()) {
  $('#message span').textContent = sentence;
  $('#message button').textContent = language.say('again');
  $('#message button').onclick = () => { $('#message').hidden = true; again() };
  $('#message').hidden = false;
  $('#start').hidden = $('#wait').hidden = true;
  awake();
}

let waitsForLink = false;
const relink = 5000;  // milliseconds

/// Media did not come: of another version now, or there is no link, which is waited for.
async function broken(error) {
  const again = () => { if (stitcher.failed) stitcher.resume() };
  if (error.status < 500) {
    const now = await loadEpisode().catch(() => null);
    return now && now.version !== graph.episode.version ? moved(story.scene) : say(error.message, again);
  }
  if (!(error instanceof LoadFailure)) return say(error.message, again);
  setTimeout(again, relink);
  if (stitcher.bufferAhead > 2) return;  // nobody has seen it
  say(navigator.onLine ? error.message : language.say('offline'), again);
  waitsForLink = true;
}

let noteTimer = 0;
function note(text, label, act) {
  $('#note span').textContent = text;
  const button = $('#note button');
  button.hidden = !label;
  button.textContent = label ?? '';
  button.onclick = () => { $('#note').hidden = true; act() };
  $('#note').hidden = false;
  clearTimeout(noteTimer);
  noteTimer = setTimeout(() => { $('#note').hidden = true }, 7000);
}

// ---- beginning

async function loadEpisode() {
  const reply = await fetch(folder + 'episode.json', { cache: 'no-cache' }).catch(() => null);
  if (!reply) throw new Error('The origin does not answer. Is it still running?');
  if (!reply.ok) throw new Error(`The episode “${name}” cannot be loaded: ${(await reply.text()).trim()}`);
  const episode = await reply.json();
  if (episode.format !== 1) throw new Error(`The episode “${name}” has format ${episode.format}; this player reads 1.`);
  if (!episode.media) throw new Error(`The episode “${name}” is not packaged yet.`);
  return episode;
}

async function begin() {
  const episode = await loadEpisode();
  graph = new Graph(episode);
  language = new Language(episode.languages, memory.setting('language'));
  stitcher = new Stitcher(video, episode.media, folder, loader, heads);
  stitcher.sound = language.pick(stitcher.sounds) ?? stitcher.sound;
  stitcher.addEventListener('failure', ({ error }) => broken(error));
  stitcher.addEventListener('segment', () => { if (waitsForLink) $('#message').hidden = true; waitsForLink = false });
  addEventListener('online', () => { if (stitcher.failed) stitcher.resume() });
  joins = new Joins(video, stitcher);
  story = new Story(graph, stitcher, memory, new Reports(folder + 'choices', moved));
  sphere = new Sphere($('#picture'), video);
  subtitles = new Subtitles(stitcher, loader, $('#cue'));
  choices = new Choices($('#choice'), $('#live'), story, language, { place: (spot) => sphere.place(spot), side: (spot) => sphere.side(spot), face: (spot) => sphere.face(spot) });
  voice = new Voice(video, story, language, (file) => folder + file.split('/').map(encodeURIComponent).join('/'));
  atlas = new Atlas(story, language, { play, note });
  story.addEventListener('scene', entered);
  story.addEventListener('failure', ({ detail }) => say(detail.message));
  for (const event of ['path', 'moved']) story.addEventListener(event, drawMarks);
  stitcher.addEventListener('timeline', drawMarks);
  stitcher.addEventListener('rung', drawMenusNow);
  expose();
  await stitcher.open();
  await story.begin(...firstPath(episode));
  chooseSubtitles(memory.setting('subtitles', true));
  translate();
  requestAnimationFrame(frame);
  setInterval(() => story.tick(), 250);
  video.addEventListener('timeupdate', () => story.tick());
  video.addEventListener('playing', () => stitcher.prepare(), { once: true });
  await tryToPlay();
}

/// From the link, else where the viewer was, else the start.
function firstPath(episode) {
  const link = new URLSearchParams(location.hash.slice(1));
  if (link.has('path')) {
    try {
      const path = Path.parse(link.get('path'));
      walk(graph, path);
      return [path, { time: Math.max(0, parseFloat(link.get('t')) || 0) }];
    } catch { note(language.say('badLink')) }
    return [story.freshPath()];
  }
  const { place } = memory;
  if (!place) return [story.freshPath()];
  const again = () => { story.restart(); play() };
  try {
    const path = Path.parse(place.path), walked = walk(graph, path);
    if (memory.own.version === episode.version || walked.steps.some((step) => step.scene.id === place.scene)) {
      note(language.say(memory.own.version === episode.version ? 'resumed' : 'changed'), language.say('fromStart'), again);
      const { run, pick } = memory.own.version === episode.version ? place : {};
      return [path, { time: place.time, run, pick }];
    }
  } catch {}
  return nearest(place, again);
}

/// After a change of the story: as much of the path as can still be walked.
function nearest(place, again) {
  let path;
  try { path = Path.parse(place.path) } catch {}
  for (let count = path ? path.options.length : -1; count >= 0; count--) {
    try {
      const walked = walk(graph, path.prefix(count)), step = walked.steps.findLastIndex((s) => s.scene.id === place.scene);
      if (count === 0 && step < 0) break;
      note(language.say('changed'), language.say('fromStart'), again);
      return [path.prefix(count), { step: step < 0 ? walked.steps.length - 1 : step }];
    } catch {}
  }
  note(language.say('changedStart'));
  return [story.freshPath()];
}

/// The origin has another version: the page is loaded anew, and goes on from there.
function moved(scene) {
  story.save();
  if (scene && memory.place) memory.place.scene = scene; else memory.forgetPlace();
  memory.save();
  history.replaceState(null, '', location.pathname);
  location.reload();
}

async function tryToPlay() {
  try { await video.play(); return } catch (error) { if (error.name !== 'NotAllowedError') return }
  video.muted = true;
  try { await video.play(); $('#unmute').hidden = false } catch {
    video.muted = false;
    $('#start').hidden = false;
  }
}

// ---- each frame

function frame(now) {
  story.tick();
  choices.draw();
  voice.draw(now);
  sphere.draw();
  requestAnimationFrame(frame);
}

function entered({ detail: entry }) {
  const scene = graph.scenes.get(entry.key) ?? graph.scenes.get(entry.key.split('.')[0]);
  sphere.show(scene.projection === 'erp');
  $('h1').replaceChildren(language.own(graph.episode.title), ' ', Object.assign(document.createElement('small'), { textContent: language.own(scene.title) }));
  drawMenusNow();
}

// ---- controls

const play = () => video.play().catch(() => {});
const toggle = () => {
  if (!$('#card').hidden) return;
  if (story?.window?.held) return;  // the picture waits for the choice
  video.paused ? play() : video.pause();
};
const loudness = (change) => { video.muted = false; voice.loudness += change };
const fullScreen = () => (document.fullscreenElement ? document.exitFullscreen()
  : document.documentElement.requestFullscreen?.().catch(() => {}) ?? video.webkitEnterFullscreen?.());
$('#play').onclick = $('#start').onclick = toggle;
$('#back').onclick = () => story?.back();
$('#mute').onclick = () => { video.muted = !video.muted };
$('#unmute').onclick = () => { video.muted = false };
$('#full').onclick = fullScreen;
bar.oninput = () => story?.seek(bar.value * stitcher.end);

let clicks = 0;
$('#catch').onclick = (event) => {
  if (closeMenus()) return;
  clearTimeout(clicks);
  if (event.detail === 1) clicks = setTimeout(toggle, 220);
};
$('#catch').ondblclick = fullScreen;
$('#picture').onclick = () => { closeMenus(); sphere?.follow() };

const turns = { ArrowLeft: [-6, 0], ArrowRight: [6, 0], ArrowUp: [0, 6], ArrowDown: [0, -6] };
const keys = {
  ' ': toggle, k: toggle, f: fullScreen, m: () => { video.muted = !video.muted }, c: () => chooseSubtitles(!subtitles.track),
  b: () => story.back(), g: () => atlas.toggle(), ArrowLeft: () => story.seek(video.currentTime - 5), ArrowRight: () => story.seek(video.currentTime + 5),
  ArrowUp: () => loudness(.1), ArrowDown: () => loudness(-.1), Escape: () => closeMenus(),
};
document.addEventListener('keydown', (event) => {
  if (!story || event.ctrlKey || event.metaKey || event.altKey || $('#atlas').open) return;
  if (sphere.shown && turns[event.key] && !(choices.isOpen && event.target.closest?.('#choice .option:not(.spot)'))) {
    event.preventDefault();
    return sphere.turn(...turns[event.key]);
  }
  if (choices.key(event)) return event.preventDefault();
  awake();
  if (event.target.closest?.('button, a, [role=button]') && (event.key === ' ' || event.key === 'Enter')) return;
  const action = keys[event.key] ?? keys[event.key.toLowerCase()];
  if (!action) return;
  event.preventDefault();
  action();
});

let sleepTimer = 0;
function awake() {
  stage.classList.remove('quiet');
  clearTimeout(sleepTimer);
  sleepTimer = setTimeout(() => {
    if (!video.paused && $('#message').hidden && !document.querySelector('.menu ul:not([hidden])')) stage.classList.add('quiet');
  }, 3000);
}
for (const event of ['pointermove', 'pointerdown']) document.addEventListener(event, awake);
stage.addEventListener('focusin', awake);

function drawState() {
  icon($('#play'), video.paused ? 'play' : 'pause');
  $('#play').setAttribute('aria-label', language.say(video.paused ? 'play' : 'pause'));
  icon($('#mute'), video.muted || video.volume === 0 ? 'silent' : 'loud');
  if (!video.muted) $('#unmute').hidden = true;
  if (!video.paused) $('#start').hidden = true;
}
for (const event of ['play', 'pause', 'volumechange', 'ended']) video.addEventListener(event, drawState);
for (const event of ['play', 'pause', 'ended']) video.addEventListener(event, awake);
video.addEventListener('waiting', () => { $('#wait').hidden = !$('#message').hidden });
for (const event of ['playing', 'seeked', 'pause', 'ended', 'error']) video.addEventListener(event, () => { $('#wait').hidden = true });
video.addEventListener('error', () => { if (video.error) say(`The story cannot be decoded here: ${video.error.message || 'the browser does not say why'}`) });
addEventListener('pagehide', () => { if (story?.walked) story.save() });

function drawTime() {
  if (!story) return;
  const { end } = stitcher, part = (t) => (end ? Math.min(100, 100 * t / end) : 0) + '%';
  $('#time b').textContent = clock(video.currentTime);
  $('#time span').textContent = clock(end) + (stitcher.finished ? '' : ' …');
  bar.value = end ? video.currentTime / end : 0;
  bar.setAttribute('aria-valuetext', language.say('of', clock(video.currentTime), clock(end)));
  bar.style.setProperty('--played', part(video.currentTime));
  bar.style.setProperty('--loaded', part(video.currentTime + Math.max(0, stitcher.lanes.size ? stitcher.bufferAhead : 0)));
}
for (const event of ['timeupdate', 'progress', 'seeking']) video.addEventListener(event, drawTime);

/// Where choices were made, and where the next one waits.
function drawMarks() {
  if (!story?.walked) return;
  const { timeline, end } = stitcher;
  $('#marks').replaceChildren(...story.walked.steps.flatMap((step, number) => step.decisions.map((decision) => {
    const entry = timeline[story.entryOf(number)], mark = document.createElement('i');
    mark.className = decision.option === null ? 'open' : 'made';
    mark.style.left = entry ? 100 * (entry.start + decision.choice.at / 1000) / end + '%' : '-9rem';
    return mark;
  })));
  drawTime();
}

// ---- menus

const fill = (menu, label, items) => drawMenu($(menu), label, items, drawMenusNow);
function chooseSubtitles(on) {
  const track = on === true ? language.pick(subtitles.tracks) ?? subtitles.tracks[0] ?? null : on || null;
  memory.set('subtitles', Boolean(track));
  subtitles.show(track);
  drawMenusNow();
}
function chooseLanguage(tag) {
  language.use(tag);
  memory.set('language', tag);
  const sound = language.pick(stitcher.sounds);
  if (sound) stitcher.setSound(sound);
  if (subtitles.track) chooseSubtitles(true);
  voice.prepare();
  translate();
  if (choices.isOpen) choices.open();
}
function drawMenusNow() {
  if (!story?.walked) return;
  const tracks = subtitles.tracks, rungs = stitcher.rungs, { step } = story;
  fill('#language', Language.name(language.tag), graph.episode.languages.map((tag) => ({ text: Language.name(tag), note: tag, chosen: tag === language.tag, pick: () => chooseLanguage(tag) })));
  fill('#text', language.say('subtitles'), [{ text: language.say('off'), chosen: !subtitles.track, pick: () => chooseSubtitles(false) },
    ...tracks.map((track) => ({ text: track.label || track.language, note: track.language, chosen: subtitles.track === track, pick: () => chooseSubtitles(track) }))]);
  const rungName = (track) => (track.height ? track.height + 'p' : track.name), { fixedRung } = stitcher;
  fill('#quality', fixedRung === null ? `${language.say('auto')} · ${rungs.length ? rungName(rungs[stitcher.rung]) : ''}` : rungName(rungs[fixedRung]), [
    { text: language.say('auto'), chosen: fixedRung === null, pick: () => stitcher.fixRung(null) },
    ...rungs.map((track, i) => ({ text: rungName(track), note: (track.bandwidth / 1e6).toFixed(1) + ' Mb/s', chosen: fixedRung === i, pick: () => stitcher.fixRung(i) })).reverse()]);
  const offered = [...new Set(graph.episode.scenes.flatMap((scene) => scene.choices.flatMap((choice) => choice.a11y?.extend ?? [])))].sort((a, b) => (a || 99) - (b || 99));
  const factor = (n) => (n === 0 ? language.say('noLimit') : n === 1 ? language.say('normal') : language.say('times', n));
  const hasVoice = graph.episode.scenes.some((scene) => scene.choices.some((choice) => Object.keys(choice.spokenPrompt ?? {}).length));
  fill('#pace', language.say(offered.length ? 'pace' : 'spoken'), [...(offered.length ? [1, ...offered] : []).map((n) => ({ text: factor(n), chosen: story.patience === n, pick: () => { story.patience = n; memory.set('patience', n) } })),
    ...(hasVoice ? [{ text: language.say('spoken'), note: language.say(voice.isOn ? 'on' : 'off'), chosen: voice.isOn, toggles: true, pick: () => { voice.isOn = !voice.isOn } }] : [])]);
  const viewpoints = step?.scene.viewpoints ?? [], own = stitcher.timeline[story.index];
  const keyOf = (viewpoint, i) => (i === 0 && !stitcher.media.scenes[`${step.scene.id}.${viewpoint.id}`] ? step.scene.id : `${step.scene.id}.${viewpoint.id}`);
  const views = [...(viewpoints.length && viewpoints.every((v) => stitcher.media.scenes[`${step.scene.id}.${v.id}`]) ? [{ id: '', title: step.scene.title }] : []), ...viewpoints];
  fill('#view', language.say('viewpoint'), views.map((viewpoint, i) => {
    const key = viewpoint.id === '' ? step.scene.id : keyOf(viewpoint, i);
    return { text: language.own(viewpoint.title) || viewpoint.id, chosen: (own?.picture ?? own?.key) === key, pick: () => stitcher.view(story.index, key) };
  }));
}
drawMenus(document);

/// Puts everything the player says into the viewer's language.
function translate() {
  document.title = language.own(graph.episode.title) + ' · Dougong';
  for (const [id, text] of Object.entries({ back: 'back', map: 'map', full: 'full', mute: 'mute' })) {
    $('#' + id).title = language.say(text);
    $('#' + id).setAttribute('aria-label', language.say(text));
  }
  bar.setAttribute('aria-label', language.say('position'));
  video.setAttribute('aria-label', language.own(graph.episode.title));
  $('#unmute').textContent = language.say('sound');
  $('#start').setAttribute('aria-label', language.say('start'));
  $('#picture').setAttribute('aria-label', language.say('look'));
  $('#choice').setAttribute('aria-label', language.say('choose'));
  $('#back').hidden = !story.mayGoBack;
  entered({ detail: story.entry });
  drawState();
}

// ---- for tests: what is, not what to do

function expose() {
  const read = {
    path: () => story.path?.spelling ?? null, scene: () => story.scene, key: () => story.entry?.key ?? null,
    choice: () => (story.window ? { id: story.window.choice.id, selected: story.window.selected, by: story.window.by, enabled: [...story.window.decision.enabled] } : null),
    joins: () => joins.list.map((join) => ({ ...join })), stalls: () => [...joins.stalls], dropped: () => video.getVideoPlaybackQuality().droppedVideoFrames,
    frames: () => video.getVideoPlaybackQuality().totalVideoFrames, rung: () => stitcher.rungs[stitcher.rung]?.name ?? null, buffered: () => stitcher.bufferAhead,
    heads: () => heads.log.map((entry) => ({ ...entry })), headsReady: () => heads.ready, throughput: () => Math.round(throughput.estimate), retries: () => loader.retries,
    ending: () => story.reached, timeline: () => stitcher.timeline.map(({ key, start, length, cut, idle }) => ({ key, start, length, cut, idle })),
    reports: () => [...story.reports.answers], time: () => story.pathTime, run: () => story.run, link: () => story.link, endings: () => [...memory.own.endings],
    spoken: () => voice.log.map((entry) => ({ ...entry })), spot: () => (sphere.shown ? { yaw: sphere.yaw, pitch: sphere.pitch } : null),
  };
  window.dougong = Object.freeze(Object.defineProperties({}, Object.fromEntries(Object.entries(read).map(([key, get]) => [key, { get, enumerable: true }]))));
}

begin().catch((error) => say(error.message));
