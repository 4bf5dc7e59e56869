import Foundation
import MediaCore

/// The page that people look at: no script, nothing from elsewhere.
struct StatisticsPage {
  private let statistics: EpisodeStatistics
  private let text: StatisticsText
  private let scenes: [String: EpisodeStatistics.SceneCount]

  /// Scenes that the list of those who left shows, at most.
  private static let leavingCount = 12

  init(_ statistics: EpisodeStatistics) {
    self.statistics = statistics
    text = StatisticsText(languages: statistics.languages)
    scenes = Dictionary(
      statistics.scenes.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
  }

  var html: String {
    let title = text.title(statistics.title, or: statistics.episode)
    let language = XMLText.escaped(statistics.languages.first ?? "en")
    var page = """
      <!doctype html>
      <html lang="en">
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width">
      <meta name="color-scheme" content="dark">
      <link rel="icon" href="data:,">
      <title>\(title): what viewers chose</title>
      <style>
      \(Self.style)</style>
      <main>
      <header><p><a href="/">Dougong</a> <span>what viewers chose</span></p>
      <h1 lang="\(language)"><a href="/play/\(encodedName)">\(title)</a></h1>
      \(versions)</header>
      \(figures)<section class="map"><h2>Where they went</h2>
      <div class="scroll" tabindex="0">
      \(StatisticsDrawing(statistics, text).svg)</div>
      <p class="legend"><i class="wide"></i>as wide as many went \
      <i class="none"></i>nobody went <i class="gone"></i>left here</p>
      </section>

      """
    page += section("What they chose", statistics.choices.map(choice), kind: "choices")
    page += section("How it ended", statistics.endings.isEmpty ? [] : [endings], kind: "endings")
    page += section("Where they left", leaving.isEmpty ? [] : [leaving], kind: "leaving")
    return page + """
      <footer><a href="statistics?format=json&amp;version=\(statistics.version)">the same as JSON</a> \
      <span>A run is a random number; nothing else of a viewer is kept.</span></footer>
      </main>

      """
  }

  private var encodedName: String {
    let unreserved = CharacterSet(
      charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
    return statistics.episode.addingPercentEncoding(withAllowedCharacters: unreserved) ?? ""
  }

  private func section(_ title: String, _ parts: [String], kind: String) -> String {
    guard !parts.isEmpty else { return "" }
    return
      "<section class=\"\(kind)\"><h2>\(title)</h2>\n<div>\n\(parts.joined())</div>\n</section>\n"
  }

  // MARK: Head

  private var versions: String {
    guard statistics.versions.count > 1 || !statistics.isPresent else { return "" }
    let links = statistics.versions.map { version in
      let isShown = version.version == statistics.version
      return "<a href=\"statistics?format=html&amp;version=\(version.version)\""
        + (isShown ? " aria-current=\"page\"" : "") + ">"
        + (version.isPresent ? "present version" : String(version.version.prefix(6)))
        + " <small>\(StatisticsText.count(version.reports))</small></a>"
    }
    return "<nav>\(links.joined(separator: "\n"))</nav>\n"
  }

  private var figures: String {
    guard statistics.reports > 0 else {
      return """
        <p class="empty">Nobody has chosen yet. Every choice that a player reports is counted here.</p>

        """
    }
    let defaults = statistics.choices.reduce(0) { $0 + $1.defaults }
    let parts = [
      (StatisticsText.count(statistics.runs), "runs"),
      (StatisticsText.count(statistics.reports), "choices"),
      (
        StatisticsText.percent(share(statistics.endingsReached, of: statistics.runs)),
        "came to an end"
      ),
      (StatisticsText.percent(share(defaults, of: statistics.reports)), "left to the default"),
    ]
    return "<dl>"
      + parts.map { "<div><dd>\($0.0)</dd><dt>\($0.1)</dt></div>" }.joined() + "</dl>\n"
  }

  private func share(_ count: Int, of whole: Int) -> Double {
    whole == 0 ? 0 : min(1, Double(count) / Double(whole))
  }

  // MARK: Parts

  private func choice(_ choice: EpisodeStatistics.ChoiceCount) -> String {
    let scene = scenes[choice.scene]
    var facts = [StatisticsText.count(choice.count) + (choice.count == 1 ? " report" : " reports")]
    if choice.count > 0 {
      facts.append(StatisticsText.percent(choice.defaultShare) + " by default")
    }
    if let median = choice.medianSeconds {
      facts.append("\(StatisticsText.decimal(median)) s to decide")
    }
    return """
      <article><h3>\(text.title(choice.prompt, or: choice.id))</h3>
      <p>\(text.title(scene?.title ?? [:], or: choice.scene)) · \(facts.joined(separator: " · "))</p>
      \(choice.options.map { option in
        bar(
          text.title(option.text, or: option.id), option.count, option.share,
          expected: option.expected, leads: option.count > 0
            && option.count == choice.options.map(\.count).max())
      }.joined())</article>

      """
  }

  private var endings: String {
    let most = statistics.endings.map(\.count).max()
    return statistics.endings.map { ending in
      bar(
        text.title(ending.title, or: ending.id), ending.count, ending.share,
        expected: ending.expected, leads: ending.count > 0 && ending.count == most)
    }.joined()
  }

  private var leaving: String {
    statistics.scenes.filter { $0.left > 0 }
      .sorted { ($1.left, $0.id) < ($0.left, $1.id) }.prefix(Self.leavingCount)
      .map { scene in
        bar(
          text.title(scene.title, or: scene.id), scene.left, share(scene.left, of: scene.entered),
          expected: nil, leads: false)
      }.joined()
  }

  /// A name, a bar with a mark at what the author expected, and the numbers.
  private func bar(
    _ label: String, _ count: Int, _ share: Double, expected: Double?, leads: Bool
  ) -> String {
    let mark = expected.map { expected in
      "<b style=\"left:\(StatisticsText.width(expected))%\" "
        + "title=\"expected: \(StatisticsText.percent(expected))\"></b>"
    }
    return """
      <div class="bar\(leads ? " most" : "")"><span title="\(label)">\(label)</span>\
      <i><s style="width:\(StatisticsText.width(share))%"></s>\(mark ?? "")</i>\
      <em>\(StatisticsText.percent(share))</em><small>\(StatisticsText.count(count))</small></div>

      """
  }

  private static let style = """
    :root { --ink: #ece9e4; --quiet: #9a9da3; --ground: #0b0c0f; --panel: #13151a; --line: #262a31;
      --wood: #d3a868; --sky: #7fb2d6; --leaf: #8fb487; --red: #c8705c }
    * { box-sizing: border-box }
    body { margin: 0; background: var(--ground); color: var(--ink);
      font: 15px/1.5 system-ui, -apple-system, "Segoe UI", sans-serif }
    main { max-width: 76rem; margin: 0 auto; padding: 2.6rem clamp(1rem, 4vw, 3rem) 3rem }
    a { color: inherit; text-decoration: none }
    a:hover, a:focus-visible { color: var(--wood) }
    header p { margin: 0; color: var(--quiet) }
    header p a { color: var(--wood); letter-spacing: .06em; margin-right: .6rem }
    h1 { margin: .3rem 0 1rem; font-size: clamp(1.9rem, 4.5vw, 3rem); font-weight: 500; line-height: 1.15;
      letter-spacing: -.01em; overflow-wrap: anywhere }
    h2 { margin: 0 0 1.1rem; font-size: 1.05rem; font-weight: 500; color: var(--wood) }
    nav { display: flex; flex-wrap: wrap; gap: .5rem }
    nav a { padding: .2rem .8rem; border: 1px solid var(--line); border-radius: 99px; font-size: .85rem }
    nav a[aria-current] { border-color: var(--wood); color: var(--wood) }
    nav small, .bar small { color: var(--quiet); font-size: .8rem }
    dl { display: grid; grid-template-columns: repeat(4, 1fr); gap: 1px; margin: 1.8rem 0 0;
      border: 1px solid var(--line); border-radius: 14px; overflow: hidden; background: var(--line) }
    @media (max-width: 46rem) { dl { grid-template-columns: 1fr 1fr } }
    dl div { padding: 1.1rem 1.4rem; background: var(--panel) }
    dd { margin: 0; font-size: 1.9rem; line-height: 1.2; font-variant-numeric: tabular-nums }
    dt { color: var(--quiet); font-size: .88rem }
    section { margin-top: 2.8rem }
    .empty { margin: 1.8rem 0 0; padding: 1.1rem 1.4rem; border: 1px solid var(--line); border-radius: 14px;
      color: var(--quiet) }
    .scroll { overflow-x: auto; border: 1px solid var(--line); border-radius: 14px; background:
      radial-gradient(120% 160% at 0 0, #191a1c, var(--panel) 60%) }
    .scroll:focus-visible { outline: 2px solid var(--wood); outline-offset: 2px }
    svg { display: block; margin: 0 auto; width: 100%; height: auto }
    .map { margin-inline: calc(50% - min(50vw - 1.2rem, 62rem)) }
    svg path { fill: none; stroke-linecap: round; stroke-opacity: .82 }
    svg path:hover { stroke-opacity: 1; stroke: var(--sky) }
    .untrodden { stroke: #3b3f47; stroke-width: 1.2; stroke-dasharray: 2 5 }
    svg rect { fill: #1a1d23; stroke: #3a3f48 }
    .heat { fill: var(--wood) !important; stroke: none !important }
    .ending .heat { fill: var(--leaf) !important }
    .ending rect { stroke: var(--leaf) }
    .unseen { opacity: .5 }
    svg .left { fill: var(--red); stroke: none }
    svg text { fill: var(--ink); font-size: 13px; text-anchor: middle }
    svg .figure { fill: #c3bdb3; font-size: 11px; font-variant-numeric: tabular-nums }
    .legend { display: flex; flex-wrap: wrap; align-items: center; gap: .5rem; margin: .7rem 0 0; color: var(--quiet);
      font-size: .85rem }
    .legend i { width: 1.8rem; margin-left: .9rem }
    .legend i:first-child { margin-left: 0 }
    .wide { height: .5rem; border-radius: 9px; background: linear-gradient(to right, #4a443e, var(--wood)) }
    .none { border-top: 2px dotted #565b64 }
    .gone { height: 3px; background: var(--red) }
    .choices > div { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 24rem), 1fr)); gap: 1rem }
    article { padding: 1.1rem 1.3rem 1.2rem; border: 1px solid var(--line); border-radius: 14px; background: var(--panel) }
    h3 { margin: 0; font-size: 1.05rem; font-weight: 500 }
    article p { margin: .1rem 0 .8rem; color: var(--quiet); font-size: .85rem }
    .bar { display: grid; grid-template-columns: minmax(6rem, 1fr) minmax(5rem, 1.1fr) 3.4rem 3.2rem; gap: .8rem; align-items: center;
      padding: .28rem 0; font-variant-numeric: tabular-nums }
    .bar span { overflow: hidden; text-overflow: ellipsis; white-space: nowrap }
    .bar i { position: relative; height: .62rem; border-radius: 9px; background: #22262d }
    .bar s { position: absolute; inset: 0 auto 0 0; border-radius: 9px; background: #86765f }
    .bar b { position: absolute; top: -3px; bottom: -3px; width: 2px; margin-left: -1px; background: var(--sky) }
    .bar em { font-style: normal; text-align: right }
    .bar small { text-align: right }
    .most s { background: var(--wood) }
    .endings .bar s { background: #6d8a67 }
    .endings .most s { background: var(--leaf) }
    .leaving .bar s { background: var(--red) }
    .endings .bar, .leaving .bar { grid-template-columns: minmax(5rem, 14rem) 1fr 3.6rem 4.2rem }
    .choices h2::after, .endings h2::after { content: "the blue mark is what the author expected"; margin-left: .8rem;
      color: var(--quiet); font-size: .85rem; font-weight: 400 }
    footer { display: flex; flex-wrap: wrap; gap: .4rem 1.4rem; margin-top: 3rem; padding-top: 1rem;
      border-top: 1px solid var(--line); color: var(--quiet); font-size: .85rem }
    footer a { color: var(--wood) }

    """
}
