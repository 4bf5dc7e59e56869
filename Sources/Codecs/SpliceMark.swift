/// What one section marks: that something starts or ends, or a moment with a meaning of its own.
package struct SpliceMark: Hashable, Sendable {
  package enum Role: Hashable, Sendable { case starts, ends, command }

  /// What belongs together: an out and its in.
  package struct Key: Hashable, Sendable {
    /// splice_event_id or segmentation_event_id.
    package var eventID: UInt32
    /// Of a segmentation, the type that starts it; 0 of splice_insert.
    package var typeID: UInt8
  }

  package var role: Role
  package var key: Key
  /// Ticks of 90 kHz that it is meant to last.
  package var duration: UInt64?
  /// The break ends after its duration without another message.
  package var returnsByItself = false

  package static func marks(of section: SpliceInfoSection) -> [SpliceMark] {
    if case .insert(let insert) = section.command, !insert.isCancelled {
      return [
        SpliceMark(
          role: insert.isOut ? .starts : .ends, key: Key(eventID: insert.eventID, typeID: 0),
          duration: insert.breakDuration, returnsByItself: insert.returnsByItself)
      ]
    }
    guard case .timeSignal = section.command else { return [] }
    return section.segmentations.filter { !$0.isCancelled }.map { segmentation in
      let type = segmentation.typeID
      let isEnd = SegmentationDescriptor.breakEnds.contains(type)
      let isStart = SegmentationDescriptor.breakStarts.contains(type)
      return SpliceMark(
        role: isStart ? .starts : isEnd ? .ends : .command,
        key: Key(eventID: segmentation.eventID, typeID: isEnd ? type - 1 : type),
        duration: segmentation.duration)
    }
  }
}
