import NIOCore
import Text

/// Inputs of each form, with something of everything in them.
enum Inputs {
  static let subRip = """
    1
    00:00:01,000 --> 00:00:02,000
    <b>Bold <i>both</b> it</i> & <font color="#ff8800">or</font>

    00:00:00.500 --> 00:00:02.5
    {\\an8}No number

    7
    00:00:05,000 --> 00:00:06,000 X1:1 X2:2 Y1:2 Y2:3
    a --&gt; b
    second

    """

  static let webVTT = """
    WEBVTT a title
    X-TIMESTAMP-MAP=LOCAL:00:00:00.500,MPEGTS:90000

    REGION
    id:fred
    width:40%
    lines:3
    viewportanchor:10%,90%

    STYLE
    ::cue(b) { color: red }

    NOTE a comment

    first
    00:01.000 --> 00:02.000 line:80% align:start
    <v Fred>Hi <b>there</b> &amp; <00:01.500>bye

    00:00:03.000 --> 00:00:04.000 region:fred
    <ruby>漢<rt>kan</rt></ruby> <lang en>x</lang>

    """

  static let ass = """
    [Script Info]
    PlayResX: 1280
    PlayResY: 720

    [V4+ Styles]
    Format: Name, Fontname, Fontsize, PrimaryColour, Bold, Italic, Underline, Alignment, MarginL, \
    MarginR, MarginV
    Style: Default,Sans,36,&H00FFFFFF,0,0,0,2,0,0,28
    Style: Top,Sans,36,&H0000FFFF,-1,0,0,8,0,0,28

    [Events]
    Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
    Dialogue: 0,0:00:01.00,0:00:02.50,Default,,0,0,0,,Hello, {\\i1}world{\\i0}\\Nsecond <line>
    Dialogue: 0,0:00:03.00,0:00:04.50,Top,,0,0,0,,{\\k20}ka{\\an5\\pos(320,360)\\c&H0080FF&}oke
    Dialogue: 0,0:00:03.00,0:00:04.50,Top,,0,0,0,,{\\p1}m 0 0 l 100 0{\\p0}
    """

  static let ttml = """
    <?xml version="1.0" encoding="UTF-8"?>
    <tt xmlns="http://www.w3.org/ns/ttml" xmlns:tts="http://www.w3.org/ns/ttml#styling"
      xmlns:ttp="http://www.w3.org/ns/ttml#parameter" ttp:frameRate="25" xml:lang="de">
    <head><styling><style xml:id="a" tts:color="yellow"/><style xml:id="b" style="a"
      tts:fontStyle="italic"/></styling>
    <layout><region xml:id="top" tts:origin="10% 10%" tts:extent="80% 20%"/></layout></head>
    <body><div begin="10s"><!-- -->
    <p begin="00:00:01:05" end="00:00:02.5" region="top"><span style="b">Eins</span><br/>
      zwei &amp; &#x64;rei</p>
    <p begin="3s" dur="50f" tts:textAlign="left">vier</p>
    </div></body></tt>
    """

  static let scc = """
    Scenarist_SCC V1.0

    00:00:10:02\t9420 9476 97a2 c2e9 70a1 942c 8080 8080 942f

    00:00:11:00\t942c
    """

  static let files = [subRip, webVTT, ass, ttml, scc]

  /// A list with what only WebVTT can say, and with what must be escaped.
  static let list = CueList(
    blocks: ["STYLE\n::cue(b) { color: red }"],
    cues: [
      Cue(
        start: 0, end: 4000, id: "one", text: "<b>Long</b> &amp; &lt;wide&gt;", settings: "line:0"),
      Cue(start: 1000, end: 3000, text: "two\nlines", settings: "line:70% position:20% align:left"),
      Cue(start: 6000, end: 8000, text: "<i>after a gap</i>"),
    ])
}

/// Reads text as a file.
func read(_ text: String) throws -> CueList { try SubtitleFile.read(ByteBuffer(string: text)) }

extension CueList {
  /// The texts of the cues.
  var texts: [String] { cues.map(\.text) }
}
