import ISOBMFF
import MediaCore
import NIOCore

/// Subtitle tracks of an MP4 or QuickTime file.
extension MovieTrack {
  /// A subtitle track of a coding that is not read.
  var isUnreadText: Bool {
    if case .text = track.coding { return false }
    return track.kind == .text
  }

  /// Takes the coding and what the track is for; leaves other codings alone.
  mutating func takeText(_ handler: HandlerBox, _ entries: [Box]) {
    if let label = Self.label(handler.name) { track.label = label }
    if handler.handlerType == "clcp" { track.roles = ["caption"] }
    // Further descriptions are refused where a sample is of one.
    guard let entry = entries.first else { return }
    switch entry.type {
    case "tx3g":
      track.coding = .text(.tx3g, entry.payload)
      // displayFlags (3GPP TS 26.245 §5.16; QuickTime): all samples are forced.
      let flags = entry.payload.getInteger(at: entry.payload.readerIndex + 8, as: UInt32.self)
      if let flags, flags & 0x8000_0000 != 0 { track.roles = ["forced-subtitle"] }
    case "wvtt":
      guard case .webVTT(let configuration) = try? TextSampleEntry(entry) else { return }
      track.coding = .text(.wvtt, configuration)
    case "stpp": track.coding = .text(.ttml, ByteBuffer())
    case "c608": track.coding = .text(.cea608, ByteBuffer())
    default: break
    }
  }
}
