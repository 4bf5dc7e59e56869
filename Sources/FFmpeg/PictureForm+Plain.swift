import CFFmpeg

extension PictureForm {
  /// Whether samples are those of encoders: 4:2:0 of so many bits, plane by plane.
  func isPlain(bitDepth: Int) -> Bool {
    pixelFormat == (bitDepth > 8 ? AV_PIX_FMT_YUV420P10LE : AV_PIX_FMT_YUV420P).rawValue
  }

  /// Whether no sample of chroma in 4:2:0 lies over the border.
  var hasWholeChroma: Bool { width % 2 == 0 && height % 2 == 0 }
}
