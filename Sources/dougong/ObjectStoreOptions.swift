import ArgumentParser
import FileIO
import Foundation
import ObjectStore

/// How a library in an object store is reached, and what of it is kept here.
struct ObjectStoreOptions: ParsableArguments {
  @Option(
    name: .customLong("s3-endpoint"),
    help: ArgumentHelp(
      "Of a library s3://BUCKET/PREFIX: the store's URL. (default: AWS_ENDPOINT_URL_S3, else AWS)",
      valueName: "url"))
  var endpoint: String?

  @Option(
    name: .customLong("s3-region"),
    help: ArgumentHelp(
      "Of a library s3://BUCKET/PREFIX: the store's region. (default: AWS_REGION, else us-east-1)",
      valueName: "region"))
  var region: String?

  @Option(
    help: ArgumentHelp(
      "Folder for what was read from the object store; one process has it at a time. (default: memory alone)",
      valueName: "folder"))
  var cache: String?

  @Option(
    help: ArgumentHelp("Size of --cache, as in 500M, 20G or 2T.", valueName: "size"))
  var cacheSize = ByteSize(byteCount: 20 << 30)

  /// Bytes of blocks in memory.
  static let memoryByteCount = 256 << 20

  var isUsed: Bool { endpoint != nil || region != nil || cache != nil }

  func validate() throws {
    guard cacheSize.byteCount >= BlockCache.minimumCapacity else {
      throw ValidationError(
        "--cache-size must be at least \(ByteSize(byteCount: BlockCache.minimumCapacity))")
    }
  }

  /// The tree that a place lies in, and what reads its media.
  func open(_ place: ObjectLocation) throws -> (tree: ObjectTree, blocks: ObjectBlocks) {
    let environment = ProcessInfo.processInfo.environment
    let profile = try StoreProfile(environment: environment)
    let address = try StoreAddress(
      endpoint: endpoint ?? profile.endpoint, region: region ?? profile.region,
      bucket: place.bucket)
    let client = ObjectClient(bucket: place.bucket, address: address) { () throws(FileIOError) in
      try StoreProfile(environment: environment).credentials
    }
    let blocks = ObjectBlocks(
      client, cache: try cache.map { try BlockCache(folder: $0, capacity: cacheSize.byteCount) },
      memoryByteCount: Self.memoryByteCount)
    return (ObjectTree(client), blocks)
  }
}
