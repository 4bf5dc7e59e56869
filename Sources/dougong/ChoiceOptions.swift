import ArgumentParser
import Choices

/// Whether, where and how long the origin keeps what viewers chose.
struct ChoiceOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Folder for choices.sqlite, what viewers of interactive episodes chose. (default: .dougong in the library, made with the first report)",
      valueName: "folder"))
  var state: String?

  @Flag(name: .customLong("no-choices"), help: "Keep no choices, and show no statistics.")
  var keepsNone = false

  @Option(
    help: ArgumentHelp(
      "Remove reports of choices that are older, as in 90d. (default: never)", valueName: "days"))
  var keepChoices: KeptDays?

  func validate() throws {
    guard !keepsNone || (state == nil && keepChoices == nil) else {
      throw ValidationError("--no-choices goes with neither --state nor --keep-choices")
    }
  }

  /// `nil` if none is wanted. A folder that was asked for is tried at once; the one in the library is
  /// left alone until there is something to keep, so a read-only library is served as well.
  func ledger(library: String) throws -> ChoiceLedger? {
    guard !keepsNone else { return nil }
    let ledger = ChoiceLedger(
      path: "\(state ?? "\(library)/.dougong")/choices.sqlite", keptDays: keepChoices?.count)
    if state != nil { try ledger.open() }
    return ledger
  }
}

/// `90d`.
struct KeptDays: ExpressibleByArgument {
  var count: Int

  init?(argument: String) {
    guard argument.hasSuffix("d"), let count = Int(argument.dropLast()),
      (1...ChoiceLimits.keptDayCount).contains(count)
    else { return nil }
    self.count = count
  }
}
