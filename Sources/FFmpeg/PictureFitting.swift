import MediaCore

/// How pictures of one form are brought to the form of a rung: the words of the filters, and what has to be said of it.
///
///     let fitting = PictureFitting(from: picture.form, to: encoding)
///     fitting.chain  // "scale=w=640:h=360:…,format=yuv420p"
struct PictureFitting: Hashable {
  /// `nil`: they have it already.
  let chain: String?
  /// Bars that are added where the shape of the picture is not the rung's; `nil` if there are none.
  let note: String?

  /// Every rounding is exact, so that all machines make the same bytes.
  private static let scaling = "flags=bicubic+accurate_rnd+full_chroma_int+bitexact"
  /// The same cubic of zimg, which takes two thirds of the time, and whose integers are exact on every machine. It takes
  /// whole samples of chroma only.
  private static let resizing = "filter=bicubic:param_a=0:param_b=0.6"
  /// Candelas a square metre of white in SDR (ITU-R BT.2408 §3 has graphics white at 203, for HDR).
  private static let white = 100
  private static let graphicsWhite = 203
  /// A picture may be so much narrower or lower than its rung before bars fill it up: sides are even.
  private static let tolerance = 2.5

  init(from form: PictureForm, to encoding: RungEncoding) {
    let target = (encoding.width, encoding.height)
    let inner = Self.inner(form, in: target)
    let format = encoding.bitDepth > 8 ? "yuv420p10le" : "yuv420p"
    let colour = Self.complete(form)
    let isSame = colour.matches(encoding.colour)
    if (form.width, form.height) == target, form.aspectRatio == .one, isSame,
      form.isPlain(bitDepth: encoding.bitDepth)
    {
      (chain, note) = (nil, nil)
      return
    }
    var filters: [String] = []
    let changesRange =
      VideoRange(colour) != encoding.range
      || (colour.primaries == 9) != (encoding.colour.primaries == 9)
    if changesRange {
      // Scaling first: what follows works on floating point numbers.
      let range = colour.isFullRange ? "pc" : "tv"
      filters.append(
        "scale=w=\(inner.0):h=\(inner.1):\(Self.scaling):in_range=\(range):out_range=\(range)")
      filters.append("format=yuv420p10le")
      filters.append(Self.mapping(colour, to: encoding))
    } else if isSame, form.isPlain(bitDepth: encoding.bitDepth), form.hasWholeChroma {
      filters.append("zscale=w=\(inner.0):h=\(inner.1):\(Self.resizing)")
    } else {
      var scale = "scale=w=\(inner.0):h=\(inner.1):\(Self.scaling)"
      if colour.matrix != 0 {
        scale += ":in_color_matrix=\(Self.matrix(colour.matrix))"
        scale += ":in_range=\(colour.isFullRange ? "pc" : "tv")"
      }
      scale += ":out_color_matrix=\(Self.matrix(encoding.colour.matrix)):out_range=tv"
      filters.append(scale)
    }
    filters.append("format=\(format)")
    if inner != target {
      let (x, y) = ((target.0 - inner.0) / 4 * 2, (target.1 - inner.1) / 4 * 2)
      filters.append("pad=w=\(target.0):h=\(target.1):x=\(x):y=\(y):color=black")
      note =
        "pictures of \(form.width)x\(form.height) have another shape than \(target.0)x\(target.1): "
        + "bars fill them up"
    } else {
      note = nil
    }
    filters.append("setsar=1")
    chain = filters.joined(separator: ",")
  }

  /// Whole pictures of those of two fields, one of each two: what is no fields passes through.
  static let deinterlacing = "bwdif=mode=send_frame:parity=auto:deint=interlaced"
  /// The same, one of each field.
  static let fieldDeinterlacing = "bwdif=mode=send_field:parity=auto:deint=interlaced"

  /// The size that a picture has within a rung, in even numbers.
  private static func inner(_ form: PictureForm, in target: (Int, Int)) -> (Int, Int) {
    let wide = Double(form.width) * form.aspectRatio.value
    let scale = min(Double(target.0) / wide, Double(target.1) / Double(form.height))
    func side(_ length: Double, _ limit: Int) -> Int {
      Double(limit) - length <= tolerance ? limit : max(2, Int((length / 2).rounded()) * 2)
    }
    return (side(wide * scale, target.0), side(Double(form.height) * scale, target.1))
  }

  /// What a picture does not say is taken by its size, as players do.
  private static func complete(_ form: PictureForm) -> ColourInformation {
    var colour = form.colour
    let isWide = form.range != .sdr
    if colour.primaries == 2 { colour.primaries = isWide ? 9 : form.height > 576 ? 1 : 6 }
    if colour.transfer == 2 { colour.transfer = form.height > 576 ? 1 : 6 }
    if colour.matrix == 2 { colour.matrix = isWide ? 9 : form.height > 576 ? 1 : 6 }
    return colour
  }

  /// libswscale's word for a matrix.
  private static func matrix(_ code: UInt16) -> String {
    switch code {
    case 1: "bt709"
    case 4: "fcc"
    case 5, 6: "smpte170m"
    case 7: "smpte240m"
    case 9, 10: "bt2020"
    default: "bt709"
    }
  }

  /// From one range to another: linear light, other primaries, the tones of SDR.
  private static func mapping(_ colour: ColourInformation, to encoding: RungEncoding) -> String {
    let source =
      "pin=\(colour.primaries):tin=\(colour.transfer):min=\(colour.matrix == 0 ? 9 : colour.matrix)"
      + ":rin=\(colour.isFullRange ? "pc" : "tv")"
    let target =
      "p=\(encoding.colour.primaries):m=\(encoding.colour.matrix):r=tv"
    let nominal = encoding.range == .sdr ? white : graphicsWhite
    guard encoding.range == .sdr, VideoRange(colour) != .sdr else {
      return "zscale=\(source):t=\(encoding.colour.transfer):\(target):npl=\(nominal)"
    }
    return "zscale=\(source):t=linear:npl=\(nominal),format=gbrpf32le,"
      + "zscale=p=\(encoding.colour.primaries),tonemap=tonemap=hable:desat=0,"
      + "zscale=t=\(encoding.colour.transfer):\(target)"
  }
}

extension ColourInformation {
  /// Whether pictures need no conversion: primaries alone are only said.
  fileprivate func matches(_ other: Self) -> Bool {
    VideoRange(self) == VideoRange(other) && matrix == other.matrix
      && isFullRange == other.isFullRange && (primaries == 9) == (other.primaries == 9)
  }
}
