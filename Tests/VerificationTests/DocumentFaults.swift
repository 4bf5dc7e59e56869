import Foundation

extension Fault {
  private static let video = "video-180p.m3u8"
  private static let iFrames = "video-180p.iframes.m3u8"
  private static let main = "main.m3u8"
  private static let mpd = "manifest.mpd"

  static let playlistFaults: [Fault] = [
    .folder("document-missing", "no media playlist") {
      try FileManager.default.removeItem(atPath: "\($0)/\(video)")
    },
    .folder("document-unlisted", "a playlist of nothing") {
      try "#EXTM3U\n".write(toFile: "\($0)/old.m3u8", atomically: false, encoding: .utf8)
    },
    .text("playlist-syntax", video, "#EXTM3U", "#EXT"),
    .text("playlist-syntax", video, "#EXTINF:2.000000,", "#EXTINF:two,"),
    .text("target-duration", video, "TARGETDURATION:2", "TARGETDURATION:1"),
    .text("target-duration-loose", video, "TARGETDURATION:2", "TARGETDURATION:3"),
    .text("target-duration-differs", video, "TARGETDURATION:2", "TARGETDURATION:3"),
    .text("playlist-type", video, "#EXT-X-PLAYLIST-TYPE:VOD\n", ""),
    .text("end-list", video, "#EXT-X-ENDLIST\n", ""),
    .text("playlist-segments", video, "\nvideo-180p.mp4\n", "\nother.mp4\n"),
    .text("extinf", video, "#EXTINF:2.000000,", "#EXTINF:2.000010,"),
    .text("playlist-duration", video, "#EXTINF:2.000000,", "#EXTINF:2.000001,", all: true),
    .text("byte-range", video, "(BYTERANGE:[0-9]+@)[0-9]+", "$19", all: true),
    .text("discontinuity", video, "#EXTINF", "#EXT-X-DISCONTINUITY\n#EXTINF"),
    .text("map", video, "BYTERANGE=\"[0-9]+@0\"", "BYTERANGE=\"600@0\""),
    .text("i-frames-only", iFrames, "VERSION:5\n((.*\n)*)#EXT-X-I-FRAMES-ONLY\n", "VERSION:6\n$1"),
    .text("i-frames-only", video, "#EXTINF", "#EXT-X-I-FRAMES-ONLY\n#EXTINF"),
    .text("i-frame-range", iFrames, "(BYTERANGE:)[0-9]+@", "$177@", all: true),
  ]

  static let multivariantFaults: [Fault] = [
    .folder("document-missing", "no main.m3u8") {
      try FileManager.default.removeItem(atPath: "\($0)/\(main)")
    },
    .text("playlist-syntax", main, "BANDWIDTH=", "BANDWIDTH=x"),
    .text("bandwidth", main, "INF:BANDWIDTH=[0-9]+", "INF:BANDWIDTH=600000"),
    .text("bandwidth", main, "INF:BANDWIDTH=[0-9]+", "INF:BANDWIDTH=90000000"),
    .text("average-bandwidth", main, "AVERAGE-BANDWIDTH=[0-9]+", "AVERAGE-BANDWIDTH=500000"),
    .text("codecs", main, "avc1.4d400c", "avc1.640028"),
    .text("codecs", main, ",mp4a.40.2", ""),
    .text("resolution", main, "RESOLUTION=320x180", "RESOLUTION=640x360"),
    .text("variant-frame-rate", main, "FRAME-RATE=25.000", "FRAME-RATE=30.000"),
    .text("variant-frame-rate", main, "FRAME-RATE=25.000,", ""),
    .text("video-range", main, "VIDEO-RANGE=SDR", "VIDEO-RANGE=PQ"),
    .text("channels", main, "CHANNELS=\"2\"", "CHANNELS=\"6\""),
    .text("rendition-language", main, "LANGUAGE=\"en\"", "LANGUAGE=\"fr\""),
    .text("audio-group", main, ",AUDIO=\"audio-aac\"", ",AUDIO=\"other\""),
    .text("variant-reference", main, "\nvideo-180p.m3u8", "\nvideo-360p.m3u8"),
    .text("track-not-listed", main, "#EXT-X-STREAM-INF.*\nvideo-90p.m3u8\n", ""),
    .text("track-not-listed", main, "#EXT-X-I-FRAME-STREAM-INF.*\n", ""),
    .text("i-frame-bandwidth", main, "(I-FRAME-STREAM-INF:BANDWIDTH=)[0-9]+", "$11000", all: true),
  ]

  static let mpdFaults: [Fault] = [
    .folder("document-missing", "no MPD") {
      try FileManager.default.removeItem(atPath: "\($0)/\(mpd)")
    },
    .text("mpd-syntax", mpd, "</MPD>", "</MPX>"),
    .text("mpd-profile", mpd, "isoff-on-demand", "isoff-live"),
    .text(
      "mpd-duration", mpd, "mediaPresentationDuration=\"[^\"]*\"",
      "mediaPresentationDuration=\"PT6S\""),
    .text(
      "max-subsegment-duration", mpd, "maxSubsegmentDuration=\"[^\"]*\"",
      "maxSubsegmentDuration=\"PT2S\""),
    .text("mpd-period", mpd, "start=\"PT0S\"", "start=\"PT1S\""),
    .text("representation", mpd, "<BaseURL>video-90p.mp4", "<BaseURL>video-180p.mp4"),
    .text("mpd-codecs", mpd, "codecs=\"avc1.4d400c\"", "codecs=\"avc1.4d400d\""),
    .text("mpd-size", mpd, " width=\"320\"", " width=\"322\""),
    .text("mpd-sar", mpd, "sar=\"1:1\"", "sar=\"4:3\""),
    .text("mpd-frame-rate", mpd, " frameRate=\"25\"", " frameRate=\"24\""),
    .text("mpd-audio", mpd, "audioSamplingRate=\"48000\"", "audioSamplingRate=\"44100\""),
    .text("mpd-audio", mpd, "(channel_configuration:2011\" value=)\"2\"", "$1\"1\""),
    .text("mpd-language", mpd, "lang=\"en\"", "lang=\"fr\""),
    .text("mpd-mime-type", mpd, "video/mp4", "audio/mp4"),
    .text("index-range", mpd, "indexRange=\"[0-9]+-", "indexRange=\"700-"),
    .text("initialization-range", mpd, "range=\"0-[0-9]+\"", "range=\"0-99\""),
    .text("mpd-timescale", mpd, "timescale=\"25000\"", "timescale=\"12800\""),
    .text("mpd-timescale", mpd, "indexRange=", "presentationTimeOffset=\"1024\" indexRange="),
    .text("mpd-bandwidth", mpd, "bandwidth=\"[0-9]+\"", "bandwidth=\"400000\""),
  ]

  static let descriptionFaults: [Fault] = [
    .folder("description-missing", "no title.json") {
      try FileManager.default.removeItem(atPath: "\($0)/title.json")
    },
    .text("description", "title.json", "\"format\" : 1", "\"format\" : 9"),
    .text("description", "title.json", "\"tracks\"", "\"track\""),
    .text("description", "title.json", "(\"digest\" : \")[0-9a-f]{4}", "$1"),
    .folder("track-file-missing", "no audio") {
      try FileManager.default.removeItem(atPath: "\($0)/\(SampleTitle.audio).mp4")
    },
    .folder("track-file-unlisted", "a copy") {
      try FileManager.default.copyItem(
        atPath: "\($0)/\(SampleTitle.audio).mp4", toPath: "\($0)/copy.mp4")
    },
    .text("track-digest", "title.json", "\"digest\" : \"[0-9a-f]{8}", "\"digest\" : \"01234567"),
    .text("language", "title.json", "\"language\" : \"en\"", "\"language\" : \"fr\""),
    .text("language-tag", "title.json", "\"language\" : \"en\"", "\"language\" : \"eng\""),
    .text("frame-rate", "title.json", "\"frameRate\" : \"25\"", "\"frameRate\" : \"30\""),
    .text("default-track", "title.json", "\"default\" : true", "\"default\" : false", all: true),
  ]
}
