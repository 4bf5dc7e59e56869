import ArgumentParser
import Foundation

/// How much memory encoding may take.
struct EncodingMemory: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      Memory for encoding, as 1500M or 16G: as many chunks are worked on at once as keep the cores \
      busy and have room in it; where one has none, its rungs in groups, for each of which the \
      pictures are decoded. (default: half of the machine's)
      """, valueName: "size"))
  var memory: ByteSize?

  var byteCount: Int64 {
    memory?.byteCount ?? Int64(clamping: ProcessInfo.processInfo.physicalMemory / 2)
  }
}
