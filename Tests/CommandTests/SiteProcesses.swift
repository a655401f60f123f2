import Foundation
import TestSupport
import Testing

/// A run whose two sites are processes of their own, and the same run in one process.
struct SiteProcesses {
  /// A plan that needs no data to be whole.
  static let plan = TinySites.planText(
    rounds: 3,
    more: """
      checkpoint_steps: 2
      contrasts: [t1, t1ce, t2, flair]
      labels:
        - {value: 0, name: background}
        - {value: 1, name: necrotic core}
        - {value: 2, name: edema}
        - {value: 4, name: enhancing tumour}
      spacing: [7, 7, 7]
      """
  ).replacing("local_steps: 1", with: "local_steps: 8")

  let folder: TemporaryFolder
  let sites: TinySites
  private let plan: String
  private let more: [String]

  /// `more` is given to both ways of training.
  init(_ more: [String] = [], plan text: String = Self.plan) throws {
    folder = try TemporaryFolder()
    sites = try TinySites.shared.get()
    plan = try folder.write(Data(text.utf8), "plan.yaml")
    self.more = more
  }

  func inbox(_ site: String) -> String { folder.file("drive/\(site)/inbox") }
  func outbox(_ site: String) -> String { folder.file("drive/\(site)/outbox") }

  func site(_ name: String, _ more: [String] = []) throws -> SegfedProcess {
    try SegfedProcess(
      [
        "site", "--data", "\(sites.data)/\(name)", "--inbox", inbox(name), "--outbox", outbox(name),
        "--output", folder.file("at-\(name)"), "--threads", "1", "--quiet",
      ] + more)
  }

  func coordinator(_ output: String, _ extra: [String] = []) throws -> SegfedProcess {
    try SegfedProcess(
      [
        "train", "--transport", "folder:" + folder.file("drive"), "--site-names", "birch,hazel", "--plan",
        plan, "--output", folder.file(output), "--quiet",
      ] + more + extra)
  }

  func inOneProcess(_ output: String) throws -> SegfedProcess.Outcome {
    try SegfedProcess.run(
      [
        "train", "--data", sites.data, "--plan", plan, "--output", folder.file(output), "--threads", "1",
        "--quiet",
      ] + more)
  }

  /// The model's digest of each round, as the journal has them.
  func digests(_ output: String) throws -> [String] {
    let path = folder.file(output + "/coordinator/rounds.jsonl")
    return try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").compactMap { line in
      let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
      return object?["model_sha256"] as? String
    }
  }

  /// Waits until the site has put down a file whose name holds `text`; false where the process ended before.
  func waits(for text: String, at site: String, while process: SegfedProcess) -> Bool {
    let end = Date().addingTimeInterval(60)
    while process.isRunning, Date() < end {
      let files = (try? FileManager.default.contentsOfDirectory(atPath: outbox(site))) ?? []
      if files.contains(where: { $0.contains(text) }) { return true }
      usleep(1000)
    }
    return false
  }
}
