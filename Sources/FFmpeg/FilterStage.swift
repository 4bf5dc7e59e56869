import MediaCore

/// A filter that is made anew whenever the form of its pictures changes.
struct FilterStage: ~Copyable {
  private var filter: PictureFilter?
  private var form: PictureForm?
  private var chain: String?
  /// By number: when pictures on their way came in, and what they stand for.
  private var sent: [Int64: (arrival: Int64?, length: Int64)] = [:]
  private let rate: Rational
  /// What pictures have become; `nil`: what they were.
  private let colour: ColourInformation?

  /// - Parameter rate: of the numbers that pictures have.
  init(rate: Rational, colour: ColourInformation? = nil) {
    self.rate = rate
    self.colour = colour
  }

  /// - Parameters:
  ///   - form: the picture's, as far as it matters.
  ///   - chain: filters for a form; `nil`: it stays.
  /// - Returns: pictures that have come out.
  mutating func take(
    _ picture: NumberedPicture, form: PictureForm, _ chain: (PictureForm) -> String?
  ) throws(FFmpegError) -> [NumberedPicture] {
    var done: [NumberedPicture] = []
    if self.form != form {
      done = try finish()
      self.form = form
      self.chain = chain(form)
    }
    guard let chain = self.chain else { return done + [picture] }
    if filter == nil {
      filter = try PictureFilter.open(from: picture.picture.form, chain, rate: rate)
    }
    sent[picture.number] = (picture.arrival, picture.length)
    try filter?.send(picture.picture, number: picture.number)
    return try done + received()
  }

  /// Nothing follows of this form.
  mutating func finish() throws(FFmpegError) -> [NumberedPicture] {
    guard filter != nil else { return [] }
    try filter?.send(nil, number: 0)
    let left = try received()
    filter = nil
    form = nil
    sent = [:]
    return left
  }

  private mutating func received() throws(FFmpegError) -> [NumberedPicture] {
    var done: [NumberedPicture] = []
    while let (picture, number) = try filter?.receive(colour: colour) {
      if let known = sent.removeValue(forKey: number) {
        done.append(
          NumberedPicture(
            picture: picture, number: number, arrival: known.arrival, length: known.length))
      } else if let first = done.last, first.number == number - 1, first.length == 2 {
        // The second field of a picture that stands for both of its own.
        done[done.count - 1].length = 1
        done.append(
          NumberedPicture(picture: picture, number: number, arrival: first.arrival))
      }
    }
    return done
  }
}
