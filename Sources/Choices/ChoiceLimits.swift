/// What reports may ask of an origin.
package enum ChoiceLimits {
  /// Bytes of a report, exactly: an observer of the line learns nothing from its length.
  package static let reportByteCount = 512
  /// Hexadecimal digits of an episode's version.
  package static let versionLength = 16
  /// Seconds of media time that a report may name: a day.
  package static let mediaTime = 86_400.0
  /// Reports that wait for the ledger; more are answered 503.
  package static let queueCount = 8192
  /// Reports in one transaction.
  package static let batchCount = 1024
  /// Walks that are remembered between reports.
  package static let rememberedWalkCount = 16_384
  /// Tenths of a second to decide that are told apart; whatever is longer counts as this.
  package static let decisionTenths = 6000
  /// Scenes on the way from one choice to the next that are kept.
  package static let legSceneCount = 256
  /// Ways from one choice to the next that are told apart, of one version of an episode.
  package static let legCount = 65_536
  /// Bytes of the id that a viewer votes with.
  package static let viewerByteCount = 64
  /// Screenings of one episode that are under way.
  package static let screeningCount = 64
  /// Seconds after its beginning for which a screening is kept: two days.
  package static let screeningAge: Int64 = 172_800
  /// Seconds from now at which a screening may begin: a day.
  package static let screeningAdvance: Int64 = 86_400
  /// Pages of 4 KiB that the ledger may grow to: 16 GiB.
  package static let pageCount = 4 << 20
  /// Versions of an episode that statistics list, the newest first.
  package static let versionCount = 64
  /// Days that `--keep-choices` may name: a hundred years.
  package static let keptDayCount = 36_500
}
