import NIOCore

/// Refuses a request that would wait too long, before it begins to. So nobody waits much longer than is wanted, what is
/// under way goes on, and threads that have too much to do never run out of it.
///
///     let control = AdmissionControl(longestWait: .milliseconds(200))
///     control.admits(.segment, after: threads.expectedWait)
struct AdmissionControl: Sendable {
  /// What is refused, in this order: each may fill the queue only so far, so that there is room for those behind it.
  enum Rank: Hashable, Sendable {
    /// What a viewer can do without for a while.
    case extra
    /// What players have ahead in their buffers.
    case media
    /// What playing begins with, and reports that come but once: small.
    case document
  }

  /// What media waits, at most.
  let longestWait: TimeAmount

  /// Whether a request is to be answered that would wait so long first.
  func admits(_ kind: ObjectClass, after wait: TimeAmount) -> Bool {
    switch Rank(kind) {
    case .extra: wait * 2 <= longestWait
    case .media: wait <= longestWait
    case .document: wait <= longestWait * 2
    case nil: true
    }
  }
}

extension AdmissionControl.Rank {
  /// `nil`: never refused.
  init?(_ kind: ObjectClass) {
    switch kind {
    case .page, .image, .track, .statistics: self = .extra
    case .segment, .header, .webVTT, .prompt: self = .media
    case .multivariant, .mediaPlaylist, .mpd, .document, .report: self = .document
    case .probe, .publication, .other: return nil
    }
  }
}
