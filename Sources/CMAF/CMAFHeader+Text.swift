import ISOBMFF

/// How a header of subtitles differs from one of sound (ISO/IEC 23000-19 §11).
extension CMAFHeader {
  private var textEntry: TextSampleEntry? {
    if case .text(let entry) = entry { return entry }
    return nil
  }

  var isAudio: Bool {
    if case .audio = entry { return true }
    return false
  }

  /// CMAF media profiles of text: `cwvt` (§11.2), `im1t` (§11.3.3).
  var textBrands: [FourCC] {
    switch textEntry {
    case nil: []
    case .webVTT: ["cwvt"]
    case .ttml(let entry): entry.codecs.hasSuffix("im1t") ? ["im1t"] : []
    }
  }

  /// `text` for WebVTT, `subt` for TTML (ISO/IEC 14496-30 §4.2, §5.2).
  var textHandler: FourCC? {
    switch textEntry {
    case nil: nil
    case .webVTT: HandlerBox.text
    case .ttml: HandlerBox.subtitles
    }
  }

  /// `nmhd` beside `text`, `sthd` beside `subt` (ISO/IEC 14496-12 §12.5.2, §12.6.2).
  var textMediaHeader: FourCC? {
    switch textEntry {
    case nil: nil
    case .webVTT: "nmhd"
    case .ttml: "sthd"
    }
  }
}
