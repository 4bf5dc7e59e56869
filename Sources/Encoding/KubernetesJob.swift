/// An Indexed Job of Kubernetes that makes the parts of a plan: one completion for each chunk.
///
/// The source and the folder of the parts lie on a volume that all pods mount at the same place.
package struct KubernetesJob: Hashable, Sendable {
  package var name: String
  package var image: String
  /// Of the persistent volume claim, and where pods see it.
  package var claim: String
  package var mountPath: String
  /// Seen by the pods.
  package var planPath: String
  package var folder: String
  package var chunkCount: Int
  /// Pods at once.
  package var parallelism: Int
  package var threads: Int

  package init(
    name: String, image: String, claim: String, mountPath: String, planPath: String,
    folder: String, chunkCount: Int, parallelism: Int, threads: Int
  ) {
    self.name = name
    self.image = image
    self.claim = claim
    self.mountPath = mountPath
    self.planPath = planPath
    self.folder = folder
    self.chunkCount = chunkCount
    self.parallelism = parallelism
    self.threads = threads
  }

  /// The manifest, for `kubectl apply -f`. A pod whose node is lost is made again.
  package var manifest: String {
    """
    apiVersion: batch/v1
    kind: Job
    metadata:
      name: \(name)
    spec:
      completionMode: Indexed
      completions: \(chunkCount)
      parallelism: \(min(parallelism, chunkCount))
      backoffLimit: \(chunkCount * 2)
      template:
        spec:
          restartPolicy: Never
          containers:
            - name: encode
              image: \(Self.quoted(image))
              command:
                - dougong
                - ladder
                - part
                - \(Self.word(planPath))
                - --parts
                - \(Self.word(folder))
                - --threads
                - "\(threads)"
                - --chunk
                - $(CHUNK)
              env:
                - name: CHUNK
                  valueFrom:
                    fieldRef:
                      fieldPath: metadata.annotations['batch.kubernetes.io/job-completion-index']
              resources:
                requests:
                  cpu: "\(threads)"
              volumeMounts:
                - name: work
                  mountPath: \(Self.quoted(mountPath))
          volumes:
            - name: work
              persistentVolumeClaim:
                claimName: \(Self.quoted(claim))

    """
  }

  /// A word of a command, in which `$(NAME)` stands for a variable unless the mark is doubled.
  private static func word(_ text: String) -> String {
    quoted(text.split(separator: "$(", omittingEmptySubsequences: false).joined(separator: "$$("))
  }

  /// A scalar in double quotation marks (YAML 1.2 §7.3.1).
  private static func quoted(_ text: String) -> String {
    var quoted = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": quoted += "\\\""
      case "\\": quoted += "\\\\"
      case _ where scalar.value < 0x20 || scalar.value == 0x7f:
        quoted +=
          "\\u" + String(repeating: "0", count: 4 - String(scalar.value, radix: 16).count)
          + String(scalar.value, radix: 16)
      default: quoted.unicodeScalars.append(scalar)
      }
    }
    return quoted + "\""
  }
}
