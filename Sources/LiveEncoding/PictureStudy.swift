package import FFmpeg
package import MediaCore

/// What the first pictures of a source tell before the ladder is chosen.
package struct PictureStudy: Sendable {
  /// On which pictures lie, or are laid.
  package let grid: FrameGrid
  /// They do not lie on it by themselves.
  package let isVariableRate: Bool
  package let form: PictureForm
  /// Some are of two fields.
  package let isInterlaced: Bool
  package let masteringDisplay: MasteringDisplay?
  package let contentLight: ContentLight?

  /// Pictures that are looked at, and seconds of them, at most.
  package static let pictureCount = 12
  package static let seconds = 3.0

  /// - Returns: `nil` if there is no picture.
  package init?(_ pictures: [LivePicture]) {
    guard let first = pictures.first else { return nil }
    let times = pictures.map { $0.time.rescaled(to: first.time.timescale).value }
    let hint = first.frameRate
    if let exact = FrameGrid.fitting(
      times[...], timescale: first.time.timescale, lastDuration: first.duration, hint: hint)
    {
      grid = exact
      isVariableRate = false
    } else {
      let span = MediaTime((times.max() ?? 0) - (times.min() ?? 0), first.time.timescale).seconds
      let mean = span > 0 ? Double(times.count - 1) / span : 25
      grid = FrameGrid.standard(near: max(mean, hint.map { min($0.value, 120) } ?? 0))
      isVariableRate = true
    }
    form = first.picture.form
    isInterlaced = pictures.contains { $0.picture.form.isInterlaced }
    masteringDisplay = pictures.lazy.compactMap(\.masteringDisplay).first
    contentLight = pictures.lazy.compactMap(\.contentLight).first
  }
}
