import NIOCore

/// The origin's pages.
enum Pages {
  /// The player, the same for every linear title: it reads the title's name from its own URL.
  static let player = Representation(
    contentType: "text/html; charset=utf-8", cacheControl: .document,
    document: ServedDocument(bytes: ByteBuffer(bytes: PackageResources.player_html)))

  /// The player of interactive episodes.
  static let episodePlayer = Representation(
    contentType: "text/html; charset=utf-8", cacheControl: .document,
    document: ServedDocument(bytes: ByteBuffer(bytes: PackageResources.episode_html)))

  /// Whether the query of a player's URL names a screening.
  static func isScreening(_ target: String) -> Bool {
    guard let mark = target.firstIndex(of: "?") else { return false }
    return target[target.index(after: mark)...].split(separator: "&").contains {
      $0.hasPrefix("screening=")
    }
  }

  /// A list of titles, in the order of their code points, each with a link to its player.
  static func titleList(_ names: [String]) -> Representation {
    let names = names.filter { Router.isTitleName($0) && !Router.reservedNames.contains($0) }
      .sorted { $0.unicodeScalars.lexicographicallyPrecedes($1.unicodeScalars) }
    let items = names.map { name in
      let path = percentEncoded(name)
      return """
        <li><a href="/play/\(path)">\(escaped(name))</a>\
        <span><a href="/\(path)/main.m3u8">HLS</a> <a href="/\(path)/manifest.mpd">DASH</a></span></li>

        """
    }
    let list =
      items.isEmpty
      ? "<p>No title is here yet. <code>dougong package SOURCE -o LIBRARY/TITLE</code> makes one.</p>"
      : "<ul>\n\(items.joined())</ul>"
    return Representation(
      contentType: "text/html; charset=utf-8", cacheControl: .revalidated,
      document: ServedDocument(
        uncoded: ByteBuffer(string: titleListStart + list + "\n</main>\n")))
  }

  private static let titleListStart = """
    <!doctype html>
    <html lang="en">
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width">
    <title>Dougong</title>
    <style>
    :root { color-scheme: dark }
    body { margin: 0; background: #0e1013; color: #e7e5e1; font: 17px/1.5 system-ui, sans-serif }
    main { max-width: 44rem; margin: 0 auto; padding: 4rem 1.5rem }
    h1 { font-size: 1.1rem; font-weight: 500; letter-spacing: .08em; color: #c9a36a }
    ul { list-style: none; margin: 2rem 0; padding: 0; border-top: 1px solid #24272c }
    li { display: flex; justify-content: space-between; gap: 1rem; align-items: baseline;
      border-bottom: 1px solid #24272c }
    a { color: inherit; text-decoration: none }
    a:hover, a:focus-visible { color: #c9a36a }
    li > a { flex: 1; padding: .9rem 0; overflow-wrap: anywhere }
    span { display: flex; gap: 1rem; color: #8b8f96; font-size: .8rem }
    code { color: #c9a36a }
    </style>
    <main>
    <h1>Dougong</h1>

    """

  static func escaped(_ text: String) -> String {
    var result = ""
    for character in text.unicodeScalars {
      switch character {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      default: result.unicodeScalars.append(character)
      }
    }
    return result
  }

  /// A path segment with everything but unreserved characters percent-encoded (RFC 3986 §2.3).
  static func percentEncoded(_ segment: String) -> String {
    var result = ""
    for byte in segment.utf8 {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
        UInt8(ascii: "_"), UInt8(ascii: "~"):
        result.unicodeScalars.append(Unicode.Scalar(byte))
      default:
        result += "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
      }
    }
    return result
  }
}
