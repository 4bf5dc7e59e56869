/// The words of sample_flags (ISO/IEC 14496-12 §8.8.3.1) that say what a sample depends on.
package enum SampleDependency: UInt32, Hashable, Sendable, CaseIterable {
  /// A sync sample: depends on no other (sample_depends_on 2).
  case sync = 0x0200_0000
  /// Intra coded, but no sync sample (sample_depends_on 2, sample_is_non_sync_sample).
  case intra = 0x0201_0000
  /// Depends on others (sample_depends_on 1, sample_is_non_sync_sample).
  case dependent = 0x0101_0000
  /// Depends on others, and none depends on it (sample_is_depended_on 2).
  case disposable = 0x0181_0000

  /// sample_flags
  package var flags: UInt32 { rawValue }

  /// What an access unit says of itself. A sample without a picture depends on others.
  ///
  /// Sync are IDR, BLA and CRA; whether a CRA may start a segment is for the caller to decide
  /// from the RASL pictures behind it.
  package init(_ unit: AccessUnit) {
    switch unit.picture {
    case .idr, .bla, .cra, .key: self = .sync
    case .recoveryPoint, .intra: self = .intra
    case .inter: self = unit.isDisposable ? .disposable : .dependent
    case .none: self = .dependent
    }
  }
}
