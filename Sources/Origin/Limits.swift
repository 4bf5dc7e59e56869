package import NIOCore

/// What one client may ask of the origin, and for how long; every value has its unit.
package struct Limits: Hashable, Sendable {
  /// Bytes of a request head: request line and header fields together.
  package var headByteCount = 16 * 1024
  /// Header fields in a request.
  package var headerFieldCount = 100
  /// Bytes of a request target.
  package var targetByteCount = 4 * 1024
  /// Requests of one connection that wait while an earlier one is answered.
  package var pipelinedRequestCount = 64
  /// Requests of one connection of HTTP/2 at a time: those that are held take one each.
  package var streamCount = 256
  /// Requests of one connection of HTTP/2 that the client, or a mistake of its, ends early in half a minute
  /// (CVE-2023-44487).
  package var resetStreamCount = 400
  /// PING, SETTINGS and PRIORITY frames in half a minute, and PRIORITY_UPDATE frames in a second.
  package var controlFrameCount = 400
  /// Open connections; more wait in the listen queue of the system.
  package var connectionCount = 10_000
  /// Open connections of one client (of version 6: of one /64); more are closed at once. `nil`: no limit.
  package var clientConnectionCount: Int?
  /// Requests of one client in a second. `nil`: no limit.
  package var clientRequestsPerSecond: Int?
  /// What a client takes of a response in a second at the least, in bytes; a slower one is cut off. `nil`: no limit.
  package var readerBytesPerSecond: Int?
  /// How far a client may fall behind that rate.
  package var readerWindow = TimeAmount.seconds(20)
  /// How long media may wait for an event loop, for the disk or for an object store; what would wait longer is
  /// refused, see `AdmissionControl`. `nil`: nothing is.
  package var longestWait: TimeAmount?
  /// Files that one event loop keeps open while nobody reads them.
  package var openFileCount = 256
  /// Titles that one event loop remembers.
  package var rememberedTitleCount = 1024
  /// Bytes of indexes of files packaged on the fly that one event loop remembers, and that the library does.
  package var fileIndexByteCount = 512 * 1024 * 1024
  /// How long a title is believed before its source is asked again: of one that is in use, as long again at most, until the
  /// answer is there.
  package var titleAge = TimeAmount.seconds(1)
  /// How long an unused file stays open.
  package var openFileAge = TimeAmount.seconds(30)

  /// Bytes of documents that are kept rendered: of paths through episodes, of views of titles.
  package var renderedByteCount = 64 * 1024 * 1024
  /// Bytes of parts of files that are kept in memory because they are asked for again and again.
  package var hotByteCount = 256 * 1024 * 1024
  /// Requests that one event loop holds until something has come.
  package var heldRequestCount = 100_000
  /// Screenings that the origin shows at once.
  package var screeningCount = 256
  /// Votes on one choice of a screening that come from one address (of version 6: from one /64).
  package var clientVoteCount = 2000
  /// Responses that one event loop keeps ready.
  package var readyResponseCount = 4096
  /// Bytes of WebVTT that are kept in content codings.
  package var codedTextsByteCount = 16 * 1024 * 1024
  /// Bytes of rewritten heads of segments that are kept.
  package var rememberedHeadByteCount = 16 * 1024 * 1024

  /// From the first byte of a request (or the connection's opening) to the end of its head.
  package var headTimeout = TimeAmount.seconds(10)
  /// Between a response and the next request; longer than the pools of CDN edges keep theirs.
  package var idleTimeout = TimeAmount.seconds(75)
  /// For finding a body, and then for each `writeByteCount` of it to leave.
  package var writeTimeout = TimeAmount.seconds(60)
  /// For the next byte of an upload to come.
  package var uploadTimeout = TimeAmount.seconds(60)
  /// For the client to close after the origin has said its last.
  package var lingerTimeout = TimeAmount.seconds(2)
  /// For requests under way when the origin is asked to stop.
  package var drainTimeout = TimeAmount.seconds(10)
  /// For the library to be asked whether it can be read, before the origin calls itself overloaded.
  package var readinessTimeout = TimeAmount.seconds(2)
  /// How often timeouts are looked at: their precision.
  package var sweepInterval = TimeAmount.seconds(1)

  /// Bytes of a body that have to leave within `writeTimeout`, and that are in memory at a time.
  package var writeByteCount = 512 * 1024
  /// Bodies up to this size travel in the same buffer as their head.
  package var inlineBodyByteCount = 16 * 1024

  package init() {}

  /// Seconds whose requests a client may make at once after a quiet time.
  static let requestBurstSeconds: Int64 = 4
  /// Clients whose requests are counted.
  static let countedClientCount = 65_536
  /// Networks of edges that are trusted.
  static let trustedNetworkCount = 256
  /// Hops of a forwarded request that are looked at.
  static let forwardedHopCount = 16
  /// How often the lateness of event loops is measured while there are requests.
  static let waitInterval = TimeAmount.milliseconds(10)

  /// Bytes of a file that are handed to the system in one piece: more than most sockets hold.
  static let sentByteCount = 8 * 1024 * 1024
  /// Documents with fewer bytes than this are not worth a content coding.
  static let codedByteCount = 200
  /// How often it is looked at what screenings have to publish.
  static let screeningInterval = TimeAmount.milliseconds(20)
  /// Milliseconds after which a verdict that could not be had is asked for again.
  static let verdictInterval: Int64 = 250
  /// Milliseconds for which the documents of a screening stay as they were at its end.
  static let endedScreeningTime: Int64 = 600_000
  /// Requests for live titles that one event loop remembers how to read.
  static let liveRequestCount = 1024
  /// Headers of one live track that are remembered.
  static let liveHeaderCount = 64
  /// Bytes of an upload that wait to be looked at before the network is let wait.
  static let uploadWindow = 512 * 1024
  /// Threads for what is uploaded, and how often publishing points look at the clock.
  static let publishingThreadCount = 2
  static let publishingInterval = TimeAmount.milliseconds(100)
  /// Bytes around the data of a chunk (RFC 9112 §7.1).
  static let chunkFrameByteCount = 24
  /// Bytes of a WebVTT file or segment that is coded, or moved on the timeline.
  static let codedTextByteCount: Int64 = 8 * 1024 * 1024
  /// Bytes that a coded response has more in its head.
  static let codingOverhead = 48
  /// Versions that a title is known to have had.
  static let formerVersionCount = 16_384
  /// Versions of titles that are no longer there, in all.
  static let vanishedVersionCount = 65_536
  /// Bytes of one field of client data, and members of it.
  static let clientDataByteCount = 4096
  static let clientDataMemberCount = 64
  /// Bytes of a field in the access log.
  static let loggedFieldByteCount = 2048
  /// Bytes of lines that one event loop gathers before it hands them over.
  static let loggedPieceByteCount = 16 * 1024
  /// Bytes of lines that wait to be written, of all event loops.
  static let waitingLogByteCount = 8 * 1024 * 1024
  /// Room for a response head, in bytes; longer ones make the buffer grow.
  static let headReserve = 1024
  /// `TCP_NODELAY` and `TCP_CORK` of <netinet/tcp.h>.
  static let tcpNoDelay: CInt = 1
  static let tcpCork: CInt = 3
  /// Bytes of a file that are rather copied from memory than sent by the system from the file where that is possible.
  static let copiedByteCount: Int64 = 64 * 1024
  /// Bytes read from a connection at once, and the first time.
  static let receiveByteCount = 16 * 1024
  static let firstReceiveByteCount = 1024
  /// Connections that the system holds until they are accepted.
  static let listenQueueCount: Int32 = 1024
  /// For what `resetStreamCount` and `controlFrameCount` count.
  static let frameCountingTime = TimeAmount.seconds(30)
  /// CONTINUATION frames of one request (CVE-2024-24549 and others).
  static let continuationFrameCount = 4
  /// Empty DATA frames in a row.
  static let emptyFrameCount = 8
  /// Bytes that a stream or a connection of HTTP/2 takes at first (RFC 9113 §6.9.2).
  static let initialWindow = 65_535
  /// Bytes of a window at the most (§6.9.1).
  static let largestWindow = 0x7fff_ffff
  /// Streams ended by the origin whose last frames may still come.
  static let cutOffStreamCount = 64
  /// Bytes of a priority field.
  static let priorityFieldByteCount = 256
  /// Bytes of a file that are read at once for a stream of HTTP/2, and streams of a connection that hold such a piece.
  static let pieceByteCount = 128 * 1024
  static let heldPieceCount = 8
  /// Bytes of a file that are read at once for a connection with TLS: they are there twice, plain and encrypted.
  static let securePieceByteCount = 256 * 1024
  /// How often files of certificates are looked at.
  static let identityInterval = TimeAmount.seconds(1)
  /// Bytes that a response sends of those that share a connection until it is the turn of the next.
  static let turnByteCount = 16 * 1024
  /// Bytes of bodies that are handed to the system in one piece, and how often until it is the turn of the next connection.
  static let sendingRoundByteCount = 256 * 1024
  static let sendingRoundCount = 8
  /// `TCP_NOTSENT_LOWAT` of <netinet/tcp.h>, and bytes that the system holds and has not sent: what is urgent waits for
  /// those.
  static let tcpNotSentLowWater: CInt = 25
  static let unsentByteCount = 256 * 1024
  /// The same of a client of HTTP/1.1 on this machine, as caches in front often are.
  static let localUnsentByteCount = 128 * 1024
  /// Bytes of what follows the first 16 of a PROXY header, version 2.
  static let proxyHeaderByteCount = 4096
  /// Sockets that systemd hands over.
  static let inheritedSocketCount = 64
  /// Bytes of a title's name (as of a file's name in most file systems).
  static let titleNameByteCount = 255
  /// Folders that a file which is packaged on the fly lies in, and bytes of its path.
  static let filePathDepth = 16
  static let filePathByteCount = 1024
  /// Bytes of a run that is read together with others; longer ones are sent by themselves.
  static let gatheredRunByteCount: Int64 = 128 * 1024
  /// Bytes that are read together, roughly.
  static let gatheredByteCount: Int64 = 512 * 1024
  /// Bytes of a long run that are read with what stands before it in the response.
  static let firstRunByteCount: Int64 = 16 * 1024
  /// Files and folders that are known to be no titles.
  static let refusedFileCount = 4096
  /// Bytes of a track's or a document's name.
  static let trackNameByteCount = 128
  /// Digits of a segment number.
  static let segmentDigitCount = 12
  /// Digits of a time in a URL: as many as 2^62 has.
  static let timeDigitCount = 19
  /// Bytes of one document of a path.
  static let pathDocumentByteCount = 16 * 1024 * 1024
  /// Bytes of the player library.
  static let playerLibraryByteCount = 16 * 1024 * 1024
}
