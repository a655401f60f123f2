import Foundation
import Foundations
import TestSupport
import Testing

/// A small run that writes all that a run writes, and how it is done whole.
struct ResumableStudy {
  static let plan = TinySites.planText(rounds: 2, more: "checkpoint_steps: 2")
    .replacing("local_steps: 1", with: "local_steps: 4")

  let folder: TemporaryFolder
  let sites: TinySites
  let command: [String]
  let whole: RunContents
  /// The file operations of the whole run, in their order.
  let points: [String]

  /// `command` is `train` or `loso` and its flags, without data, plan and output.
  init(_ command: [String], plan text: String = Self.plan) throws {
    folder = try TemporaryFolder()
    sites = try TinySites.shared.get()
    let plan = try folder.write(Data(text.utf8), "plan.yaml")
    self.command = command + ["--data", sites.data, "--plan", plan, "--threads", "1", "--quiet"]
    let log = folder.file("log")
    let output = folder.file("whole")
    let outcome = try SegfedProcess(
      self.command + ["--output", output], environment: ["SEGFED_FAIL_POINT_LOG": log]
    ).wait()
    try #require(outcome.code == 0, "\(outcome.errors)")
    whole = try RunContents(output)
    points = try String(contentsOfFile: log, encoding: .utf8).split(separator: "\n").map(String.init)
  }

  /// Runs into a folder of the study's.
  func start(_ output: String, _ more: [String] = [], failing point: String? = nil) throws -> SegfedProcess {
    try SegfedProcess(
      command + ["--output", folder.file(output)] + more,
      environment: point.map { ["SEGFED_FAIL_POINT": $0] } ?? [:])
  }

  func resume(_ output: String) throws -> SegfedProcess.Outcome {
    try start(output, ["--resume"]).wait()
  }

  /// Resumes, and expects the whole run's files; removes the run then.
  func checkResume(_ output: String, _ what: String, sourceLocation: SourceLocation = #_sourceLocation) throws
  {
    let outcome = try resume(output)
    #expect(outcome.code == 0, "\(what): \(outcome.errors)", sourceLocation: sourceLocation)
    let contents = try RunContents(folder.file(output))
    #expect(
      contents == whole, "\(what): \(contents.difference(from: whole))", sourceLocation: sourceLocation)
    try FileManager.default.removeItem(atPath: folder.file(output))
  }
}
