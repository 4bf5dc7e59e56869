import ArgumentParser
import Codecs
import Encoding
import Foundation
import Ladder
import MediaCore

struct LadderCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ladder",
    abstract: "Shows ladders, and makes parts of their work.",
    discussion: """
      Examples:
        dougong ladder show uhd
        dougong package film.mov --ladder uhd --plan --json > plan.json
        dougong ladder part plan.json --parts parts --chunk 3
        dougong ladder kubernetes /srv/parts/plan.json --image registry/dougong:1 --claim work
      """,
    subcommands: [LadderShow.self, LadderPart.self, LadderKubernetes.self])
}

struct LadderShow: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Prints the rungs of a ladder, or says what is wrong in a file.")

  @Argument(help: ArgumentHelp("uhd, hd, mobile, or a file in YAML.", valueName: "name|file.yaml"))
  var ladder: String

  func run() throws {
    try CommandFailure.catching {
      let ladder = try LadderArguments.read(ladder)
      var rows = [["box", "at most"] + Ladder.encodedCodecs.map(\.rawValue)]
      for rung in ladder.rungs {
        rows.append(
          ["\(rung.width)x\(rung.height)", "\(rung.highestFrameRate) fps"]
            + Ladder.encodedCodecs.map { codec in
              rung.rates(codec).map {
                "\(LadderWork.megabits($0.average)), peak \(LadderWork.megabits($0.peak))"
              } ?? "-"
            })
      }
      print(ladder.name)
      for line in TextTable.lines(rows) { print("  " + line) }
    }
  }
}

struct LadderPart: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "part",
    abstract: "Makes parts of a ladder by its plan, on whatever machine sees the source.",
    discussion: """
      A part that is there is left as it is: the command may be run again, and on several machines. \
      The same part has the same bytes wherever it is made.

      Examples:
        dougong ladder part plan.json 1080p-h264.0003.91c7a1e0d4b25f68 --parts parts
        dougong ladder part plan.json --chunk $SLURM_ARRAY_TASK_ID --parts parts
      """)

  @Argument(help: ArgumentHelp("The plan, in JSON.", valueName: "plan.json"))
  var plan: String

  @Argument(help: ArgumentHelp("Names of parts.", valueName: "part"))
  var names: [String] = []

  @Option(help: ArgumentHelp("All rungs of that chunk, counted from 0.", valueName: "number"))
  var chunk: Int?

  @Option(
    help: ArgumentHelp("Folder of the parts. (default: that of the plan)", valueName: "folder"))
  var parts: String?

  @Option(help: "Threads that are kept busy.")
  var threads = max(1, ProcessInfo.processInfo.activeProcessorCount)

  @OptionGroup var memory: EncodingMemory

  func validate() throws {
    guard names.isEmpty != (chunk == nil) else {
      throw ValidationError("name parts, or a --chunk")
    }
    guard (1...256).contains(threads) else {
      throw ValidationError("--threads must be 1 to 256, not \(threads)")
    }
  }

  func run() throws {
    try CommandFailure.catching {
      Interruption.watch()
      let read = try LadderPlan(reading: plan)
      let known = Set(read.parts.map(\.name))
      if let name = names.first(where: { !known.contains($0) }) {
        throw CommandFailure(
          .data, "\(SafeText.quoted(name)) is no part of \(plan); its plan lists \(known.count)")
      }
      var wanted = Set(names)
      if let chunk {
        guard read.chunks.indices.contains(chunk) else {
          throw CommandFailure(
            .data, "there is no chunk \(chunk) in \(plan); it has 0 to \(read.chunks.count - 1)")
        }
        wanted = Set(read.parts.filter { $0.chunk == chunk }.map(\.name))
      }
      let slash = plan.lastIndex(of: "/").map { String(plan[..<$0]) } ?? "."
      let folder = try PartFolder(path: parts ?? slash)
      let line = LadderLine(read, missing: read.parts.filter { wanted.contains($0.name) })
      defer { line.finish() }
      let outcome = try LocalExecutor(
        read, folder: folder, threads: threads, memory: memory.byteCount
      ).run(only: wanted, progress: line.progress)
      print("\(outcome.madeCount) made, \(outcome.keptCount) were there")
    }
  }
}

struct LadderKubernetes: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "kubernetes",
    abstract: "Prints an Indexed Job that makes the parts of a plan, for kubectl apply.",
    discussion: """
      The source and the plan lie on a volume that all pods mount. Once the job is complete, package \
      with the same --parts joins what it made.

      Examples:
        dougong package /srv/film.mov --ladder uhd --plan --json > /srv/parts/plan.json
        dougong ladder kubernetes /srv/parts/plan.json --image registry/dougong:1 --claim work \
          --mount /srv | kubectl apply -f -
        dougong package /srv/film.mov --ladder uhd --parts /srv/parts -o library/film
      """)

  @Argument(
    help: ArgumentHelp("The plan, under the name that pods see it by.", valueName: "plan.json"))
  var plan: String

  @Option(help: "Container image that has this program.")
  var image: String

  @Option(help: "Name of the persistent volume claim.")
  var claim: String

  @Option(help: ArgumentHelp("Where pods see the volume.", valueName: "folder"))
  var mount = "/srv"

  @Option(help: "Name of the job.")
  var name = "dougong-ladder"

  @Option(help: "Pods at once.")
  var parallelism = 8

  @Option(help: "Threads of each pod.")
  var threads = 8

  func validate() throws {
    guard (1...10_000).contains(parallelism), (1...256).contains(threads) else {
      throw ValidationError("--parallelism must be 1 to 10000, and --threads 1 to 256")
    }
    let letters = Set("abcdefghijklmnopqrstuvwxyz0123456789-")
    for (word, option) in [(name, "--name"), (claim, "--claim")] {
      guard (1...63).contains(word.count), word.allSatisfy(letters.contains), word.first != "-",
        word.last != "-"
      else {
        throw ValidationError(
          "\(option) is no name of Kubernetes: small letters, digits and '-' within, 63 at most")
      }
    }
    guard plan.hasPrefix("/"), mount.hasPrefix("/") else {
      throw ValidationError("the plan and --mount are named by whole paths, as pods see them")
    }
  }

  func run() throws {
    try CommandFailure.catching {
      let read = try LadderPlan(reading: plan)
      let folder = plan.lastIndex(of: "/").map { String(plan[..<$0]) } ?? "/"
      let job = KubernetesJob(
        name: name, image: image, claim: claim, mountPath: mount, planPath: plan, folder: folder,
        chunkCount: read.chunks.count, parallelism: parallelism, threads: threads)
      print(job.manifest, terminator: "")
    }
  }
}
