import MP4

/// Uploads whose next piece is yet to come, by what they are sent to.
struct UnfinishedUploads: Sendable {
  private var uploads: [(id: Int, upload: IngestUpload)] = []

  var byteCount: Int { uploads.reduce(0) { $0 + $1.upload.stream.byteCount } }

  /// Keeps one until its next piece comes. Where there are too many, the oldest is given up.
  mutating func keep(_ upload: IngestUpload, _ id: Int) {
    uploads.removeAll { $0.upload.path == upload.path }
    if uploads.count == IngestLimits.streamCount { uploads.removeFirst() }
    uploads.append((id, upload))
  }

  /// What a piece continues: bytes that have come before are passed over.
  /// - Returns: `nil` if bytes before it are missing; then it is read as what begins anew.
  mutating func take(_ path: StreamPath, from offset: Int64) -> IngestUpload? {
    guard let index = uploads.firstIndex(where: { $0.upload.path == path }) else { return nil }
    var upload = uploads.remove(at: index).upload
    guard offset > 0, offset <= upload.position else { return nil }
    upload.known = upload.position - offset
    return upload
  }

  /// Headers do not count any more.
  mutating func forgetHeaders() {
    for index in uploads.indices { uploads[index].upload.header = nil }
  }
}
