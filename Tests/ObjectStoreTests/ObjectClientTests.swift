import FileIO
import NIOCore
import Synchronization
import TestSupport
import Testing

@testable import ObjectStore

struct ObjectClientTests {
  private let store: FakeStore
  private let bytes = patterned(10_000)

  init() throws {
    store = try FakeStore()
    store.put("lib/a", bytes)
  }

  private func read(
    _ range: Range<Int64>, tag: String = "tag1", client: ObjectClient? = nil
  ) throws -> [UInt8] {
    var read: [UInt8] = []
    let object = ObjectSummary(
      key: "lib/a", byteCount: Int64(bytes.count), entityTag: tag, modified: 0)
    try (client ?? store.client()).read(object, range) {
      read.append(contentsOf: $0.readableBytesView)
    }
    return read
  }

  @Test func `a range is asked for and read`() throws {
    #expect(try read(100..<300) == Array(bytes[100..<300]))
    let request = try #require(store.takeRequests().first)
    #expect(request.fields["range"] == "bytes=100-299")
    #expect(request.fields["if-match"] == "\"tag1\"")
    #expect(request.fields["authorization"]?.contains("us-east-1/s3/aws4_request") == true)
  }

  @Test(arguments: [500, 502, 503, 504, 429])
  func `a failure that may pass is asked again`(status: Int) throws {
    store.fail(.status(status), .status(status))
    #expect(try read(0..<10_000) == bytes)
    #expect(store.takeRequests().count == 3)
  }

  @Test func `a body that was cut short goes on where it stopped`() throws {
    store.fail(.cutShort(4_000), .cutShort(1_000))
    #expect(try read(0..<10_000) == bytes)
    #expect(
      store.takeRequests().map { $0.fields["range"] } == [
        "bytes=0-9999", "bytes=4000-9999", "bytes=5000-9999",
      ])
  }

  @Test func `silence ends at the deadline and is asked again`() throws {
    store.fail(.silence)
    #expect(try read(5..<10) == Array(bytes[5..<10]))
  }

  @Test func `a server that knows no ranges is read all the same`() throws {
    store.fail(.wholeObject)
    #expect(try read(2_000..<3_000) == Array(bytes[2_000..<3_000]))
  }

  @Test func `bytes of another version are never taken`() throws {
    store.put("lib/a", patterned(10_000, seed: 1), tag: "tag2")
    let error = try #require(throws: FileIOError.self) { try read(0..<10) }
    #expect(error.code == .changed)
    store.fail(.otherTag)
    let other = try #require(throws: FileIOError.self) { try read(0..<10, tag: "tag2") }
    #expect(other.code == .changed)
  }

  @Test(arguments: [
    (403, FileIOError.Code.noPermission), (404, .notFound), (412, .changed), (400, .other),
    (301, .other), (500, .unavailable),
  ])
  func `a status becomes an error`(status: Int, code: FileIOError.Code) throws {
    store.fail(.status(status), .status(status), .status(status), .status(status))
    let error = try #require(throws: FileIOError.self) { try read(0..<10) }
    #expect(error.code == code)
  }

  @Test func `waits double, and what the store asks for is honoured`() throws {
    let waits = Mutex<[Int]>([])
    let client = try store.client { settings in
      settings.pause = { wait in waits.withLock { $0.append(wait) } }
    }
    store.fail(
      .status(500), .status(503, fields: [("Retry-After", "1")]), .status(500), .status(500))
    #expect(throws: FileIOError.self) { try read(0..<10, client: client) }
    #expect(waits.withLock { $0 } == [100, 1000, 400])
  }

  @Test func `a store that keeps failing is left alone for a while, then tried`() throws {
    let now = Mutex<Int64>(0)
    let client = try store.client { settings in
      settings.clock = { now.withLock { $0 } }
    }
    store.fail(.status(500), .status(500), .status(500), .status(500))
    #expect(throws: FileIOError.self) { try read(0..<10, client: client) }
    let asked = store.takeRequests().count
    #expect(asked == 3)
    #expect(throws: FileIOError.self) { try read(0..<10, client: client) }
    #expect(store.takeRequests().isEmpty)
    now.withLock { $0 = StoreHealth.pause }
    #expect(throws: FileIOError.self) { try read(0..<10, client: client) }
    #expect(store.takeRequests().count == 1)
    now.withLock { $0 = 2 * StoreHealth.pause }
    #expect(try read(0..<10, client: client) == Array(bytes[0..<10]))
  }

  @Test func `an object says its size and tag`() throws {
    let client = try store.client()
    let object = try #require(try client.head("lib/a"))
    #expect(object.byteCount == 10_000)
    #expect(object.entityTag == "tag1")
    #expect(object.modified == 1_795_913_845)
    #expect(try client.head("lib/b") == nil)
  }

  @Test func `a list goes on over its pages`() throws {
    for number in 0..<25 { store.put("lib/t\(number)/title & more", [1]) }
    store.listPages(of: 10)
    let client = try store.client()
    #expect(try client.list(prefix: "lib/", limit: 100).objects.count == 26)
    let folders = try client.list(prefix: "lib/", delimiter: "/", limit: 100)
    #expect(folders.prefixes.count == 25)
    #expect(folders.objects.map(\.key) == ["lib/a"])
    #expect(
      try client.list(prefix: "lib/t1/", limit: 100).objects.first?.key == "lib/t1/title & more")
    #expect(throws: FileIOError.self) { try client.list(prefix: "lib/", limit: 20) }
  }

  @Test func `keys are written as they are signed`() throws {
    let address = try StoreAddress(endpoint: "http://h:1/", bucket: "media")
    #expect(
      address.url(
        bucket: "media", key: "a b+c/x=1~é", query: [("list-type", "2"), ("prefix", "a/")])
        == "http://h:1/media/a%20b%2Bc/x%3D1~%C3%A9?list-type=2&prefix=a%2F")
    let aws = try StoreAddress(region: "eu-central-1", bucket: "media")
    #expect(
      aws.url(bucket: "media", key: "k") == "https://media.s3.eu-central-1.amazonaws.com/k")
  }

  @Test(arguments: ["ftp://h", "http://u:p@h", "h:9000", "http://h/?x", "http://"])
  func `an endpoint that is none is told`(text: String) {
    #expect(throws: FileIOError.self) { try StoreAddress(endpoint: text, bucket: "media") }
  }

  @Test(arguments: [
    "s3://", "s3://ab", "s3://a/b", "s3://media/../x", "http://media", "s3://me dia",
  ])
  func `a place that is none is told`(text: String) {
    #expect(throws: FileIOError.self) { try ObjectLocation(text) }
  }

  @Test func `a place is read`() throws {
    let location = try ObjectLocation("s3://media/lib//films/")
    #expect(location.bucket == "media")
    #expect(location.prefix == "lib/films")
    #expect(location.description == "s3://media/lib/films")
  }

  @Test(arguments: [
    "", "<html>", "<ListBucketResult>",
    "<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>",
    "<ListBucketResult><Contents><Key>a</Key></Contents></ListBucketResult>",
    "<ListBucketResult><Contents></ListBucketResult></Contents>",
  ])
  func `a list that is none is told`(xml: String) {
    #expect(throws: FileIOError.self) { try ObjectListing(xml: Array(xml.utf8)) }
  }
}

struct StoreProfileTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func file(_ name: String, _ text: String) throws -> String {
    let path = "\(folder.path)/\(name)"
    try WritableFile(creating: path).write(ByteBuffer(string: text), at: 0)
    return path
  }

  @Test func `the environment comes before the files`() throws {
    let credentials = try file(
      "credentials",
      "[default]\naws_access_key_id = A\naws_secret_access_key=S\n[other]\n# x\naws_access_key_id=B\naws_secret_access_key = T = U\naws_session_token=V\n"
    )
    let config = try file(
      "config", "[profile other]\nregion = eu-north-1\nendpoint_url = http://h:9000\n")
    var environment = [
      "AWS_SHARED_CREDENTIALS_FILE": credentials, "AWS_CONFIG_FILE": config,
    ]
    var profile = try StoreProfile(environment: environment)
    #expect(profile.credentials == StoreCredentials(accessKey: "A", secretKey: "S"))
    #expect(profile.region == nil)
    environment["AWS_PROFILE"] = "other"
    profile = try StoreProfile(environment: environment)
    #expect(
      profile.credentials
        == StoreCredentials(accessKey: "B", secretKey: "T = U", sessionToken: "V"))
    #expect(profile.region == "eu-north-1")
    #expect(profile.endpoint == "http://h:9000")
    environment["AWS_ACCESS_KEY_ID"] = "E"
    environment["AWS_SECRET_ACCESS_KEY"] = "F"
    environment["AWS_REGION"] = "us-west-2"
    profile = try StoreProfile(environment: environment)
    #expect(profile.credentials == StoreCredentials(accessKey: "E", secretKey: "F"))
    #expect(profile.region == "us-west-2")
  }

  @Test func `without credentials there are none, a profile that is not there is told`() throws {
    let nowhere = "\(folder.path)/none"
    var environment = ["AWS_SHARED_CREDENTIALS_FILE": nowhere, "AWS_CONFIG_FILE": nowhere]
    #expect(try StoreProfile(environment: environment).credentials == nil)
    environment["AWS_PROFILE"] = "x"
    #expect(throws: FileIOError.self) { try StoreProfile(environment: environment) }
  }

  @Test func `credentials are never printed`() {
    let credentials = StoreCredentials(
      accessKey: "AKEY", secretKey: "SECRET", sessionToken: "TOKEN")
    var text = ""
    dump(credentials, to: &text)
    text += "\(credentials) \(String(reflecting: credentials)) \(Optional(credentials) as Any)"
    for secret in ["AKEY", "SECRET", "TOKEN"] { #expect(!text.contains(secret)) }
  }
}
