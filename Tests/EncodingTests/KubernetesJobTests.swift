import Testing
import Yams

@testable import Encoding

/// The manifest held against the rules of `batch/v1` that a server refuses objects by: names of fields, their types, what
/// is required, and what refers to what.
@Suite struct `Jobs of Kubernetes` {
  private static let job = KubernetesJob(
    name: "film", image: "registry/dougong:1", claim: "work", mountPath: "/srv/a: b",
    planPath: "/srv/a \"b\" #\u{7}$(HOME)/plan.json", folder: "/srv/parts", chunkCount: 12,
    parallelism: 40, threads: 8)

  private func manifest(_ job: KubernetesJob = job) throws -> [String: Any] {
    try #require(try Yams.load(yaml: job.manifest) as? [String: Any])
  }

  private func fields(
    _ value: Any?, _ known: Set<String>, required: Set<String> = []
  ) throws -> [String: Any] {
    let fields = try #require(value as? [String: Any])
    #expect(Set(fields.keys).isSubset(of: known.union(required)), "\(fields.keys.sorted())")
    #expect(required.isSubset(of: Set(fields.keys)), "\(fields.keys.sorted())")
    return fields
  }

  private func isLabel(_ name: Any?) -> Bool {
    guard let name = name as? String, name.count <= 63 else { return false }
    return name.wholeMatch(of: /[a-z0-9]([a-z0-9-]*[a-z0-9])?/) != nil
  }

  @Test func `it is an Indexed Job with a completion for each chunk`() throws {
    let top = try fields(manifest(), [], required: ["apiVersion", "kind", "metadata", "spec"])
    #expect(top["apiVersion"] as? String == "batch/v1" && top["kind"] as? String == "Job")
    #expect(isLabel(try fields(top["metadata"], [], required: ["name"])["name"]))
    let spec = try fields(
      top["spec"], ["parallelism", "backoffLimit"],
      required: ["completionMode", "completions", "template"])
    #expect(spec["completionMode"] as? String == "Indexed")
    #expect(spec["completions"] as? Int == 12 && spec["parallelism"] as? Int == 12)
    #expect((spec["backoffLimit"] as? Int).map { $0 >= 12 } == true)
  }

  private func pod() throws -> [String: Any] {
    let spec = try #require(try manifest()["spec"] as? [String: Any])
    let template = try fields(spec["template"], ["metadata"], required: ["spec"])
    return try fields(template["spec"], ["volumes"], required: ["containers", "restartPolicy"])
  }

  @Test func `its pods run the chunk of their index`() throws {
    let pod = try pod()
    // A Job takes no other but OnFailure.
    #expect(pod["restartPolicy"] as? String == "Never")
    let containers = try #require(pod["containers"] as? [Any])
    try #require(containers.count == 1)
    let container = try fields(
      containers[0], ["command", "env", "resources", "volumeMounts"], required: ["name", "image"])
    #expect(isLabel(container["name"]) && container["image"] as? String == "registry/dougong:1")
    #expect(
      container["command"] as? [String] == [
        "dougong", "ladder", "part", "/srv/a \"b\" #\u{7}$$(HOME)/plan.json", "--parts",
        "/srv/parts", "--threads", "8", "--chunk", "$(CHUNK)",
      ])
    let variables = try #require(container["env"] as? [Any])
    let variable = try fields(variables.first, [], required: ["name", "valueFrom"])
    #expect(variable["name"] as? String == "CHUNK")
    let origin = try fields(variable["valueFrom"], [], required: ["fieldRef"])
    let reference = try fields(origin["fieldRef"], ["apiVersion"], required: ["fieldPath"])
    #expect(
      reference["fieldPath"] as? String
        == "metadata.annotations['batch.kubernetes.io/job-completion-index']")
    let resources = try fields(container["resources"], ["limits"], required: ["requests"])
    let requests = try fields(resources["requests"], ["memory"], required: ["cpu"])
    // A quantity is a string.
    #expect(requests["cpu"] as? String == "8")
  }

  @Test func `what its pods mount is there`() throws {
    let pod = try pod()
    let volumes = try #require(pod["volumes"] as? [Any]).map {
      try fields($0, [], required: ["name", "persistentVolumeClaim"])
    }
    #expect(volumes.allSatisfy { isLabel($0["name"]) })
    let claim = try fields(
      volumes.first?["persistentVolumeClaim"], ["readOnly"], required: ["claimName"])
    #expect(claim["claimName"] as? String == "work")
    let container = try #require((pod["containers"] as? [[String: Any]])?.first)
    let mounts = try #require(container["volumeMounts"] as? [Any]).map {
      try fields($0, ["readOnly", "subPath"], required: ["name", "mountPath"])
    }
    #expect(mounts.map { $0["name"] as? String } == volumes.map { $0["name"] as? String })
    #expect(mounts.map { $0["mountPath"] as? String } == ["/srv/a: b"])
  }
}
