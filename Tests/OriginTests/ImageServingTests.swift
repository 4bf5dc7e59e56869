import Foundation
import Library
import NIOHTTP1
import Testing

@testable import Origin

@Suite struct ImageServingTests {
  @Test(arguments: [
    ("/film/poster.jpg", Route.poster(title: "film")),
    ("/film/thumbnails.vtt", .document(title: "film", name: "thumbnails.vtt")),
    (
      "/film/thumbnails-256x144/1f/3.jpg",
      .image(title: "film", name: "thumbnails-256x144", version: "1f", number: 3)
    ),
    (
      "/film/thumbnails-256x144/3.jpg",
      .image(title: "film", name: "thumbnails-256x144", version: nil, number: 3)
    ),
  ])
  func `a picture has a route`(_ target: String, _ route: Route) throws {
    #expect(try Router.route(.GET, target) == route)
  }

  @Test(arguments: [
    "/film/other.jpg", "/film/t/0.jpg", "/film/t/1f/01.jpg", "/film/t/1.png", "/film/.t/1.jpg",
    "/play/t/1.jpg", "/film/t/1.mp4",
  ])
  func `no other picture has one`(_ target: String) {
    #expect(throws: Rejection.self) { try Router.route(.GET, target) }
  }

  @Test func `pictures have their type, and are kept as long as their URL says`() async throws {
    let folder = try MediaFolder()
    func file(_ name: String, _ bytes: [UInt8]) throws -> ServedFile {
      let path = "\(folder.path)/\(name)"
      try Data(bytes).write(to: URL(filePath: path))
      return ServedFile(path: path, byteCount: Int64(bytes.count))
    }
    var images = ServedImages()
    images.name = "thumbnails-256x144"
    images.version = "beef"
    images.sheets = [try file("1.jpg", [1, 2, 3]), try file("2.jpg", [4, 5])]
    images.posterVersion = "f00d"
    images.poster = try file("poster.jpg", [6])
    let title = ServedTitle(
      title: try folder.title("film").title, documents: ["thumbnails.vtt": "WEBVTT\n"],
      images: images)
    try await withOrigin(FakeTitles([title])) { origin in
      let sheet = try await origin.fetch("/film/thumbnails-256x144/beef/2.jpg")
      #expect(sheet.status == 200)
      #expect(sheet["Content-Type"] == "image/jpeg")
      #expect(sheet["Cache-Control"] == "public, max-age=31536000, immutable")
      #expect(sheet.body == [4, 5])
      let plain = try await origin.fetch("/film/thumbnails-256x144/1.jpg")
      #expect(
        plain["Cache-Control"]
          == "public, max-age=60, stale-while-revalidate=60, stale-if-error=3600")
      #expect(plain.body == [1, 2, 3])
      let poster = try await origin.fetch("/film/poster.jpg")
      #expect(
        poster["Cache-Control"]
          == "public, max-age=60, stale-while-revalidate=60, stale-if-error=3600")
      #expect(poster["ETag"] == "\"f00d\"")
      let map = try await origin.fetch("/film/thumbnails.vtt")
      #expect(map["Content-Type"] == "text/vtt; charset=utf-8")
      for missing in ["beef/3.jpg", "dead/1.jpg"] {
        let reply = try await origin.fetch("/film/thumbnails-256x144/\(missing)")
        #expect(reply.status == 404)
      }
    }
  }
}
