import Foundation
import TestSupport
import Testing

/// The interactive episodes that the demo opens with, from their files to what is served.
@Suite(.enabled(if: Program.isBuilt), .serialized)
struct SampleEpisodeTests {
  private static let names = ["kuai-xiang", "courtyard-360"]

  private static func file(_ name: String) -> String {
    "\(Program.root)/Manifests/Episodes/\(name).yaml"
  }

  @Test(arguments: names)
  func `a sample episode is packaged, all its scenes with one header`(name: String) throws {
    let folder = try TemporaryFolder()
    let packaged = try Program.run(["package", Self.file(name), "-o", "\(folder.path)/\(name)"])
    #expect(packaged.code == 0, "\(packaged.errors)")
    let json = try Data(contentsOf: URL(fileURLWithPath: "\(folder.path)/\(name)/episode.json"))
    let episode = try #require(try JSONSerialization.jsonObject(with: json) as? [String: Any])
    let media = try #require(episode["media"] as? [String: Any])
    let scenes = try #require(media["scenes"] as? [String: [String: Any]])
    // Whole steps of 64 frames, which is 125 AAC frames: picture and sound end together.
    let step = 64.0 / 24 * 1_000_000
    for (scene, made) in scenes {
      let duration = try #require(made["duration"] as? Double)
      let steps = (duration / step).rounded()
      #expect(abs(duration - steps * step) <= 1, "\(scene) lasts \(duration) µs")
    }
    #expect(scenes.count == (name == "kuai-xiang" ? 13 : 4))
  }

  @Test(.enabled(if: Program.has("ffprobe")))
  func `the films of all scenes have the same parameter sets, and frames for their sound`()
    throws
  {
    for folder in Self.names {
      let media = "\(Program.root)/Media/\(folder)"
      let films = try FileManager.default.contentsOfDirectory(atPath: media)
        .filter { $0.hasSuffix(".mp4") }.sorted()
      #expect(!films.isEmpty)
      var sets: [String: Set<String>] = [:]
      for film in films {
        let probed = try Program.shell(
          "ffprobe -v error -show_entries stream=codec_type,extradata_hash,nb_frames "
            + "-show_data_hash md5 -of csv=p=0 '\(media)/\(film)'")
        #expect(probed.code == 0, "\(probed.errors)")
        let rung = film.split(separator: "-").last.map(String.init) ?? ""
        var pictures = 0
        for line in probed.output.split(separator: "\n") {
          let fields = line.split(separator: ",").map(String.init)
          guard fields.count == 3, let frames = fields.compactMap(Int.init).first else {
            Issue.record("\(film): ffprobe says \(line)")
            continue
          }
          if fields[0] == "video" {
            pictures = frames
            sets[rung, default: []].insert(fields.last ?? "")
            #expect(frames % 64 == 0, "\(film) has \(frames) frames")
          } else {
            // One more, of priming.
            #expect(frames == pictures / 64 * 125 + 1, "\(film) has \(frames) frames of sound")
          }
        }
      }
      #expect(sets.count == 2)
      for (rung, found) in sets { #expect(found.count == 1, "\(folder): \(rung)") }
    }
  }
}
