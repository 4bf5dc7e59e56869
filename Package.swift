// swift-tools-version:6.2
import PackageDescription

// The house: which target may import which. `scripts/check-layers` holds every
// `import` line in Sources/ against this list.
let package = Package(
  name: "dougong",
  products: [.executable(name: "dougong", targets: ["dougong"])],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    .package(url: "https://github.com/apple/swift-nio-http2", from: "1.46.0"),
    .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
  ],
  targets: [
    // 0: C libraries
    .systemLibrary(
      name: "CFFmpeg", pkgConfig: "libavformat",
      providers: [
        .apt([
          "libavformat-dev", "libavcodec-dev", "libavfilter-dev", "libavutil-dev",
          "libswresample-dev", "libswscale-dev",
        ])
      ]),
    .systemLibrary(name: "CFileIO", pkgConfig: "libxxhash", providers: [.apt(["libxxhash-dev"])]),
    .systemLibrary(
      name: "CCompression", pkgConfig: "libbrotlienc",
      providers: [.apt(["libbrotli-dev", "zlib1g-dev"])]),

    .systemLibrary(name: "COpenSSL", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
    .systemLibrary(
      name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),

    .systemLibrary(
      name: "CPostgreSQL", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),

    // 1: values and bytes
    .target(name: "MediaCore", dependencies: [.nioCore]),
    .target(
      name: "FileIO",
      dependencies: ["CFileIO", .nioCore, .product(name: "NIOPosix", package: "swift-nio")]),
    .target(name: "Compression", dependencies: ["CCompression", .nioCore]),

    // Statements of SQL to a PostgreSQL server.
    .target(name: "PostgreSQL", dependencies: ["CPostgreSQL"]),
    // Objects of an S3-compatible store as files.
    .target(
      name: "ObjectStore",
      dependencies: [
        "CCurl", "FileIO", "MediaCore", .nioCore,
        .product(name: "NIOPosix", package: "swift-nio"),
      ]),

    // 2: formats: pure values, parse and render
    .target(name: "ISOBMFF", dependencies: ["MediaCore", .nioCore]),
    .target(name: "Codecs", dependencies: ["MediaCore", .nioCore]),
    .target(name: "HLS", dependencies: ["MediaCore"]),
    .target(name: "DASH", dependencies: ["MediaCore"]),
    .target(name: "Text", dependencies: ["ISOBMFF", "MediaCore", .nioCore]),
    // Text files that people write: what is wrong in them, and where; YAML.
    .target(name: "Markup", dependencies: ["MediaCore", .product(name: "Yams", package: "Yams")]),
    .target(
      name: "Episodes",
      dependencies: ["Markup", "MediaCore", .product(name: "Yams", package: "Yams")]),
    // Which renditions a source gets: pure values, no I/O.
    .target(
      name: "Ladder",
      dependencies: ["Markup", "Codecs", "MediaCore", .product(name: "Yams", package: "Yams")]),

    // 3: sources of samples, and the track they become
    .target(name: "CMAF", dependencies: ["ISOBMFF", "Codecs", "MediaCore", .nioCore]),
    .target(
      name: "FFmpeg",
      dependencies: ["CFFmpeg", "ISOBMFF", "Codecs", "FileIO", "MediaCore", .nioCore]),
    .target(name: "Protection", dependencies: ["COpenSSL"]),
    .target(name: "MP4", dependencies: ["ISOBMFF", "Codecs", "FileIO", "MediaCore", .nioCore]),

    // Whether an interactive episode works, decided before it is published.
    .target(name: "Proof", dependencies: ["Episodes", "MediaCore"]),

    // 4: the packaging job, and titles at rest
    .target(
      name: "Packaging",
      dependencies: [
        "CMAF", "Library", "Text", "ISOBMFF", "Codecs", "FileIO", "MediaCore", .nioCore,
      ]),
    .target(
      name: "Library", dependencies: ["CMAF", "ISOBMFF", "Codecs", "FileIO", "MediaCore", .nioCore]
    ),

    // What viewers chose: the one room that asks a database.
    .target(
      name: "Choices",
      dependencies: [
        "Episodes", "PostgreSQL", "MediaCore", .product(name: "GRDB", package: "GRDB.swift"),
      ]),

    // A media file as a title: packaged when it is asked for, written nowhere.
    .target(
      name: "OnTheFly",
      dependencies: ["MP4", "Packaging", "Library", "FileIO", "MediaCore", .nioCore]),

    // What publishers upload, as a live title.
    .target(
      name: "Ingest",
      dependencies: [
        "HLS", "DASH", "MP4", "Packaging", "Library", "CMAF", "ISOBMFF", "FileIO", "MediaCore",
        .nioCore,
      ]),

    // A ladder's renditions, encoded part by part and joined into one source.
    .target(
      name: "Encoding",
      dependencies: [
        "Ladder", "FFmpeg", "Packaging", "Library", "Codecs", "FileIO", "MediaCore", .nioCore,
      ]),

    // 5: documents
    .target(
      name: "Presentation",
      dependencies: ["HLS", "DASH", "Episodes", "Library", "Codecs", "MediaCore"]),

    // The moving window of a live title: pure, the clock passed in.
    .target(
      name: "Live",
      dependencies: ["HLS", "DASH", "Library", "CMAF", "Codecs", "MediaCore", .nioCore]),

    // What a live title becomes when it has ended.
    .target(
      name: "Recording",
      dependencies: [
        "Presentation", "MP4", "Packaging", "Library", "Codecs", "FileIO", "MediaCore", .nioCore,
      ]),

    .target(
      name: "Pictures",
      dependencies: ["FFmpeg", "Library", "Codecs", "FileIO", "MediaCore", .nioCore]),

    // Live sources whose pictures are encoded as a ladder.
    .target(
      name: "LiveEncoding",
      dependencies: ["FFmpeg", "Ladder", "Packaging", "Codecs", "MediaCore", .nioCore]),

    // 6: the wire, and the second opinion
    .target(
      name: "Origin",
      dependencies: [
        "Presentation", "Live", "Ingest", "Packaging", "OnTheFly", "Choices", "Library", "CMAF",
        "Text", "Episodes",
        "ObjectStore", "Protection", "Compression", "FileIO", "MediaCore", .nioCore,
        .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "NIOHTTP1", package: "swift-nio"),
        .product(name: "NIOHPACK", package: "swift-nio-http2"),
        .product(name: "NIOSSL", package: "swift-nio-ssl"),
        .product(name: "NIOTLS", package: "swift-nio"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
        .product(name: "Logging", package: "swift-log"),
      ],
      resources: [.embedInCode("Player")]),
    .target(
      name: "Verification",
      dependencies: [
        "HLS", "DASH", "Episodes", "Library", "Text", "ISOBMFF", "Codecs", "FileIO", "MediaCore",
        .nioCore,
      ]
    ),

    // A measuring client of any server.
    .target(
      name: "Probe",
      dependencies: [
        "HLS", "DASH", "ISOBMFF", "MediaCore", .nioCore,
        .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "NIOTLS", package: "swift-nio"),
        .product(name: "NIOHTTP1", package: "swift-nio"),
        .product(name: "NIOHTTP2", package: "swift-nio-http2"),
        .product(name: "NIOSSL", package: "swift-nio-ssl"),
      ]),

    // Live titles to publishing points of other origins.
    .target(
      name: "Publishing",
      dependencies: [
        "CMAF", .nioCore,
        .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "NIOHTTP1", package: "swift-nio"),
        .product(name: "NIOSSL", package: "swift-nio-ssl"),
      ]),

    // 7: commands
    .executableTarget(
      name: "dougong",
      dependencies: [
        "Origin", "Probe", "Proof", "Choices", "PostgreSQL", "Protection", "Episodes",
        "Verification", "Presentation", "Live", "Ingest", "Publishing", "Encoding", "Ladder",
        "Markup",
        "Pictures", "Recording", "LiveEncoding",
        "Packaging",
        "Library", "MP4",
        "FFmpeg", "CMAF",
        "Text", "HLS", "DASH", "ISOBMFF", "Codecs", "ObjectStore", "FileIO", "MediaCore", .nioCore,
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
        .product(name: "UnixSignals", package: "swift-service-lifecycle"),
        .product(name: "Logging", package: "swift-log"),
      ]),

    // What several test targets need: files made by FFmpeg's command, and seeded chance.
    .target(name: "TestSupport", path: "Tests/TestSupport"),
    // A live title that is made up.
    .target(
      name: "LiveSupport",
      dependencies: ["CMAF", "ISOBMFF", "Library", "Codecs", "MediaCore", .nioCore],
      path: "Tests/LiveSupport"),

    .testTarget(name: "MediaCoreTests", dependencies: ["TestSupport", "MediaCore"]),
    .testTarget(name: "FileIOTests", dependencies: ["TestSupport", "FileIO", .nioCore]),
    .testTarget(name: "ProtectionTests", dependencies: ["Protection"]),
    .testTarget(
      name: "ObjectStoreTests",
      dependencies: [
        "TestSupport", "ObjectStore", "Library", "FileIO", "MediaCore", .nioCore,
        .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "NIOHTTP1", package: "swift-nio"),
      ]),
    .testTarget(name: "CompressionTests", dependencies: ["Compression", .nioCore]),
    .testTarget(
      name: "ISOBMFFTests", dependencies: ["TestSupport", "ISOBMFF", "MediaCore", .nioCore]),
    .testTarget(name: "CodecsTests", dependencies: ["Codecs", "MediaCore", .nioCore]),
    .testTarget(name: "HLSTests", dependencies: ["TestSupport", "HLS", "MediaCore"]),
    .testTarget(name: "DASHTests", dependencies: ["TestSupport", "DASH", "MediaCore"]),
    .testTarget(name: "ProofTests", dependencies: ["Proof", "Episodes", "MediaCore"]),
    .testTarget(
      name: "EpisodesTests", dependencies: ["Episodes", "Markup", "MediaCore"],
      exclude: ["Vectors"]),
    .testTarget(
      name: "EncodingTests",
      dependencies: [
        "TestSupport", "Encoding", "Ladder", "FFmpeg", "Packaging", "Codecs", "FileIO", "MediaCore",
        .nioCore, .product(name: "Yams", package: "Yams"),
      ]),
    .testTarget(name: "LadderTests", dependencies: ["Ladder", "Markup", "Codecs", "MediaCore"]),
    .testTarget(
      name: "ChoicesTests",
      dependencies: [
        "Choices", "PostgreSQL", "Episodes", "MediaCore",
        .product(name: "GRDB", package: "GRDB.swift"),
      ]),
    .testTarget(name: "TextTests", dependencies: ["Text", "ISOBMFF", "MediaCore", .nioCore]),
    .testTarget(
      name: "CMAFTests", dependencies: ["CMAF", "ISOBMFF", "Codecs", "MediaCore", .nioCore],
      exclude: ["Goldens"]),
    .testTarget(
      name: "MP4Tests",
      dependencies: [
        "TestSupport", "MP4", "FFmpeg", "ISOBMFF", "Codecs", "FileIO", "MediaCore", .nioCore,
      ]),
    .testTarget(
      name: "FFmpegTests",
      dependencies: ["TestSupport", "FFmpeg", "CFFmpeg", "Codecs", "MediaCore", .nioCore]),
    .testTarget(
      name: "PackagingTests",
      dependencies: [
        "TestSupport", "Packaging", "FFmpeg", "Presentation", "HLS", "DASH", "Library", "CMAF",
        "Text", "ISOBMFF", "Codecs", "FileIO",
        "MediaCore", .nioCore,
      ]),
    .testTarget(
      name: "LiveEncodingTests",
      dependencies: [
        "TestSupport", "LiveEncoding", "FFmpeg", "Ladder", "Packaging", "Library", "CMAF", "Codecs",
        "MediaCore", .nioCore,
      ]),
    .testTarget(
      name: "IngestTests",
      dependencies: [
        "LiveSupport", "Ingest", "MP4", "Packaging", "Library", "CMAF", "ISOBMFF", "MediaCore",
        .nioCore,
      ]),
    .testTarget(
      name: "OnTheFlyTests",
      dependencies: [
        "TestSupport", "OnTheFly", "Packaging", "Presentation", "Library", "MP4", "FFmpeg",
        "FileIO", "MediaCore", .nioCore,
      ]),
    .testTarget(
      name: "RecordingTests",
      dependencies: [
        "TestSupport", "Recording", "Verification", "Packaging", "MP4", "FFmpeg", "Library", "CMAF",
        "ISOBMFF", "Codecs", "FileIO", "MediaCore", .nioCore,
      ]),
    .testTarget(
      name: "PicturesTests",
      dependencies: [
        "TestSupport", "Pictures", "Packaging", "Presentation", "Verification", "MP4", "FFmpeg",
        "HLS", "DASH", "Library", "FileIO", "MediaCore", .nioCore,
      ]),
    .testTarget(
      name: "LibraryTests",
      dependencies: [
        "TestSupport", "LiveSupport", "Library", "CMAF", "ISOBMFF", "FileIO", "MediaCore", .nioCore,
      ]),
    .testTarget(
      name: "PresentationTests",
      dependencies: [
        "LiveSupport", "Presentation", "Episodes", "Library", "HLS", "DASH", "MediaCore",
      ]),
    .testTarget(
      name: "LiveTests",
      dependencies: [
        "Live", "HLS", "DASH", "Library", "CMAF", "Codecs", "ISOBMFF", "MediaCore", .nioCore,
      ]),
    .testTarget(
      name: "OriginTests",
      dependencies: [
        "TestSupport", "LiveSupport", "Origin", "Live", "Ingest", "Packaging", "CMAF",
        "Presentation", "HLS", "DASH", "Choices",
        "Publishing",
        "Episodes", "Library",
        "Protection",
        "Compression",
        "FileIO",
        "MediaCore", .nioCore,
        .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "NIOHTTP1", package: "swift-nio"),
        .product(name: "NIOHPACK", package: "swift-nio-http2"),
        .product(name: "NIOSSL", package: "swift-nio-ssl"),
        .product(name: "NIOTLS", package: "swift-nio"),
        .product(name: "NIOEmbedded", package: "swift-nio"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
        .product(name: "Logging", package: "swift-log"),
      ]),
    .testTarget(
      name: "VerificationTests",
      dependencies: [
        "TestSupport", "Verification", "Presentation", "Packaging", "Library", "Text", "MP4",
        "FFmpeg", "FileIO", "MediaCore", .nioCore,
      ]),
    .testTarget(
      name: "ProbeTests",
      dependencies: [
        "TestSupport", "Probe", "HLS", "DASH", "ISOBMFF", "MediaCore", .nioCore,
        .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "NIOHTTP1", package: "swift-nio"),
        .product(name: "NIOHTTP2", package: "swift-nio-http2"),
      ]),
    .testTarget(
      name: "PublishingTests", dependencies: ["LiveSupport", "Publishing", "CMAF", .nioCore]),
    .testTarget(
      name: "CommandTests",
      dependencies: [
        "TestSupport", "Presentation", "Episodes", "Packaging", "Library", "MP4", "FFmpeg",
        "Codecs", "FileIO",
        "MediaCore", .nioCore,
      ]),
  ],
  swiftLanguageModes: [.v6]
)

extension Target.Dependency {
  static let nioCore: Self = .product(name: "NIOCore", package: "swift-nio")
}

// Parsers under libFuzzer: built by scripts/fuzz alone, since the fuzzer brings its own `main`.
if Context.environment["DOUGONG_FUZZ"] != nil {
  package.targets.append(
    .executableTarget(
      name: "Fuzz",
      dependencies: [
        "Origin", "OnTheFly", "Choices", "Verification", "Presentation", "Episodes", "Packaging",
        "Library", "MP4",
        "FFmpeg", "CMAF", "Text", "HLS", "DASH", "ISOBMFF", "Codecs", "ObjectStore", "Compression",
        "FileIO", "MediaCore", .nioCore,
        .product(name: "NIOEmbedded", package: "swift-nio"),
        .product(name: "NIOHTTP1", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "Logging", package: "swift-log"),
      ],
      path: "Tests/Fuzz", exclude: ["Dictionaries", "make-seeds"],
      swiftSettings: [.unsafeFlags(["-parse-as-library"])]))
  package.products.append(.executable(name: "Fuzz", targets: ["Fuzz"]))
}

for target in package.targets where target.type != .system {
  target.swiftSettings =
    (target.swiftSettings ?? []) + [
      .treatAllWarnings(as: .error),
      .strictMemorySafety(),
      .enableUpcomingFeature("ExistentialAny"),
      .enableUpcomingFeature("MemberImportVisibility"),
      .enableUpcomingFeature("InternalImportsByDefault"),
    ]
}
