import ArgumentParser
import Choices
import PostgreSQL

/// Whether, where and how long the origin keeps what viewers chose.
struct ChoiceOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Where to keep what viewers of interactive episodes chose: a folder for choices.sqlite, or postgres://USER@HOST/DATABASE for several origins (password in PGPASSWORD or ~/.pgpass). (default: .dougong in a library that is a folder, made with the first report)",
      valueName: "place"))
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

  /// `nil` if none is wanted. A place that was asked for is tried at once; the one in the library is
  /// left alone until there is something to keep, so a read-only library is served as well.
  ///
  /// - Parameter library: the folder; `nil` if there is none, and so no place but one that was asked for.
  func ledger(library: String?) throws -> ChoiceLedger? {
    guard !keepsNone else { return nil }
    guard let state else {
      guard let library else { return nil }
      return ChoiceLedger(
        path: "\(library)/.dougong/choices.sqlite", keptDays: keepChoices?.count)
    }
    let ledger =
      if PostgreSQLAddress.isOne(state) {
        try ChoiceLedger(PostgreSQLAddress(state), keptDays: keepChoices?.count)
      } else {
        ChoiceLedger(path: "\(state)/choices.sqlite", keptDays: keepChoices?.count)
      }
    // Media is served also while nothing can be kept.
    if let failure = try ledger.open() { Terminal.say("warning: \(failure)") }
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
