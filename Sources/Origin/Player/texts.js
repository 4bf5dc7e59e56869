// What the player itself says. Texts of the story come from the episode.

const texts = {
  en: {
    play: 'Play', pause: 'Pause', mute: 'Mute', back: 'Back to the choice before', map: 'Your way through the story', full: 'Full screen',
    language: 'Language', subtitles: 'Subtitles', off: 'Off', on: 'On', quality: 'Quality', auto: 'Auto', pace: 'Time to choose', normal: 'As made',
    noLimit: 'No limit', times: (n) => `${n} times as long`, start: 'Play', sound: 'Turn the sound on', again: 'Try again',
    choose: 'Choose', chosen: 'Chosen', notNow: 'Not possible now', seconds: (n) => `${n} seconds`, noHurry: 'Take your time', offline: 'There is no connection. The story goes on as soon as there is one.', stop: '.',
    option: (n, text) => `${n}: ${text}`, found: (n, m) => `${n} of ${m} endings found`, ending: 'The end', restart: 'From the beginning',
    another: 'Another ending', share: 'Copy a link to this viewing', copied: 'The link is copied', resumed: 'You go on where you were',
    fromStart: 'Start over', changed: 'The story has changed since; you go on where it still fits', changedStart: 'The story has changed since; it begins anew',
    badLink: 'This link does not fit the story; it begins at the start', close: 'Close', unseen: 'Not seen yet', seen: 'Seen', here: 'You are here',
    secret: 'A secret ending', best: 'Best ending', viewpoint: 'Viewpoint', look: 'Drag to look around', info: 'What is playing', spoken: 'Spoken questions',
    way: 'Your way', endings: 'Endings', position: 'Position', of: (a, b) => `${a} of ${b}`, toChoice: (t) => `Back to: ${t}`,
    voted: (text, n, all) => `${text} · ${n} of ${all} votes`, notVoted: (text) => `${text} · not decided by votes`, notCounted: 'Your vote was not counted',
  },
  zh: {
    play: '播放', pause: '暂停', mute: '静音', back: '回到上一个选择', map: '我的故事路线', full: '全屏',
    language: '语言', subtitles: '字幕', off: '关闭', on: '打开', quality: '画质', auto: '自动', pace: '选择时间', normal: '原设',
    noLimit: '不限时', times: (n) => `延长至 ${n} 倍`, start: '播放', sound: '打开声音', again: '重试',
    choose: '请选择', chosen: '已选择', notNow: '现在不可选', seconds: (n) => `${n} 秒`, noHurry: '不限时间', offline: '没有网络连接，恢复后故事会继续。', stop: '。',
    option: (n, text) => `${n}：${text}`, found: (n, m) => `已发现 ${n} / ${m} 个结局`, ending: '结局', restart: '从头开始',
    another: '寻找其他结局', share: '复制本次观看的链接', copied: '链接已复制', resumed: '从上次的位置继续',
    fromStart: '重新开始', changed: '故事已更新，从仍然适用的位置继续', changedStart: '故事已更新，从头开始',
    badLink: '链接与故事不符，从头开始', close: '关闭', unseen: '尚未看过', seen: '已看过', here: '当前位置',
    secret: '隐藏结局', best: '最佳结局', viewpoint: '视角', look: '拖动以环顾四周', info: '播放信息', spoken: '语音提问',
    way: '走过的路', endings: '结局', position: '进度', of: (a, b) => `${a} / ${b}`, toChoice: (t) => `回到：${t}`,
    voted: (text, n, all) => `${text} · ${all} 票中的 ${n} 票`, notVoted: (text) => `${text} · 未由投票决定`, notCounted: '您的投票未计入',
  },
};

/// `say('choose')`, and `own({ en, zh })` for texts of the episode, in the viewer's language.
export class Language {
  constructor(offered, wanted) {
    this.offered = offered.length ? offered : ['en'];
    this.use(wanted && offered.includes(wanted) ? wanted
      : this.offered.find((tag) => navigator.languages.some((l) => Language.base(l) === Language.base(tag))) ?? this.offered[0]);
  }
  static base(tag) { return tag.toLowerCase().split('-')[0] }
  static name(tag) { try { return new Intl.DisplayNames([tag], { type: 'language' }).of(tag) } catch { return tag } }
  use(tag) { this.tag = tag; document.documentElement.lang = tag }
  say(name, ...values) {
    const text = (texts[Language.base(this.tag)] ?? texts.en)[name] ?? texts.en[name];
    return typeof text === 'function' ? text(...values) : text;
  }
  own(byLanguage) { return byLanguage?.[this.tag] ?? byLanguage?.[this.offered[0]] ?? Object.values(byLanguage ?? {})[0] ?? '' }
  /// The track of a list that is in the viewer's language.
  pick(tracks) { return tracks.find((t) => t.language === this.tag) ?? tracks.find((t) => Language.base(t.language) === Language.base(this.tag)) ?? null }
}
