import MediaCore

/// An HTML page that needs nothing else: a title, tables and plots.
package struct ReportPage {
  package var title: String
  /// HTML.
  package var body: String

  package init(title: String, body: String) {
    self.title = title
    self.body = body
  }

  package var html: String {
    """
    <!DOCTYPE html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width">
    <title>\(XMLText.escaped(title))</title>
    <style>\(Self.style)</style>
    </head>
    <body>
    <h1>\(XMLText.escaped(title))</h1>

    """ + body + "</body>\n</html>\n"
  }

  private static let style = """
    :root{color-scheme:light dark;--line:#8885;--ink:#222;--paper:#fff}
    @media(prefers-color-scheme:dark){:root{--ink:#ddd;--paper:#181818}}
    body{font:15px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--paper);
    max-width:60rem;margin:2rem auto;padding:0 1rem}
    h1{font-size:1.3rem;overflow-wrap:anywhere}
    table{border-collapse:collapse;margin:1rem 0;width:100%}
    th,td{padding:.25rem .6rem;text-align:right;border-bottom:1px solid var(--line);
    font-variant-numeric:tabular-nums}
    th:first-child,td:first-child,.words td,.words th{text-align:left}
    .words td{overflow-wrap:anywhere}
    figure{margin:1.5rem 0}figcaption{font-weight:600}
    svg{width:100%;height:auto;font-size:12px;fill:currentColor}
    .grid{stroke:var(--line)}
    """
}
