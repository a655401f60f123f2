import Foundation
import Foundations
import TestSupport
import Testing

private let isLong = ProcessInfo.processInfo.environment["SEGFED_LONG_TESTS"] != nil

/// Tests that share the operations of one run.
private let parts = 2

/// A run is stopped at each of its file operations; resumed, it is the uninterrupted one.
@Suite struct FailPointTests {
  /// Every operation by a kill; where bytes are written, half of them are.
  @Test(arguments: 0..<parts) func everyFileOperationMayBeTheLast(part: Int) throws {
    let study = try ResumableStudy(["train", "--model-choice", "best-validation"])
    #expect(Set(study.points.compactMap { $0.split(separator: " ").first }).count >= 6)
    try stop(study, at: Array(stride(from: 1 + part, through: study.points.count, by: parts)), action: "kill")
  }

  /// A disk that fills up, at once or in the middle of a file.
  @Test(arguments: ["error", "short"]) func theDiskMayBeFullAtAnyOfThem(action: String) throws {
    let study = try ResumableStudy(["train"])
    try stop(study, every: 11, action: action)
  }

  /// What is kept from round to round is at stake in these.
  @Test(
    arguments: [
      ["train", "--optimizer-state", "keep"], ["train", "--mode", "local"],
      ["train", "--mode", "centralised", "--optimizer-state", "keep"], ["loso", "--rounds", "1"],
    ])
  func everyModeGoesOn(arguments: [String]) throws {
    let study = try ResumableStudy(arguments)
    try stop(study, every: 17, action: "kill")
  }

  /// Sites and coordinator keep more under these: control variates, models, moments, single updates, what codecs lost.
  @Test(
    arguments: [
      ["--strategy", "scaffold:allow-momentum=1"], ["--strategy", "ditto", "--fine-tune-steps", "2"],
      ["--strategy", "fedadam"], ["--strategy", "cyclic"], ["--strategy", "median", "--sites-at-once", "2"],
      ["--codec", "delta+topk:fraction=0.1+int4+entropy"],
      ["--strategy", "scaffold:allow-momentum=1", "--codec-down", "bf16", "--codec-up", "int8+entropy"],
    ])
  func everyStrategyGoesOn(arguments: [String]) throws {
    let study = try ResumableStudy(["train"] + arguments)
    try stop(study, every: 41, action: "kill")
  }

  /// A resumed run may be killed too, and that at the cut of its journal.
  @Test func aResumeMayBeKilled() throws {
    let study = try ResumableStudy(["train"])
    // Right behind the first round's line in the journal, before the checkpoint has it; who is in the round comes before.
    let lines = study.points.indices.filter { study.points[$0].hasPrefix("append ") }
    let line = try #require(lines.dropFirst().first)
    for point in ["truncate:1:kill", "truncate:1:error", "sync:1:kill"] {
      let killed = try study.start("run", failing: "any:\(line + 3):kill").wait()
      #expect(killed.code == -9)
      let again = try study.start("run", ["--resume"], failing: point).wait()
      #expect(again.code == -9 || again.code == 2, "\(point): \(again.errors)")
      try study.checkResume("run", point)
    }
  }

  /// At every operation in the long test, at every so many else.
  private func stop(_ study: ResumableStudy, every step: Int, action: String) throws {
    let hits = stride(from: 1, through: study.points.count, by: isLong ? 1 : step)
    try stop(study, at: Array(hits), action: action)
  }

  private func stop(_ study: ResumableStudy, at hits: [Int], action: String) throws {
    for hit in hits {
      let what = "\(action) at \(study.points[hit - 1])"
      let outcome = try study.start("run", failing: "any:\(hit):\(action)").wait()
      if action == "kill" {
        #expect(outcome.code == -9, "\(what): \(outcome.code) \(outcome.errors)")
      } else if outcome.code != 0 || !Self.isCurve(study.points[hit - 1]) {
        // One line says what is wrong; curves that cannot be drawn between rounds are drawn in the end.
        #expect(outcome.code == 2 && outcome.errorLines.count == 1, "\(what): \(outcome.errors)")
        #expect(outcome.errors.contains("No space left on device"), "\(what): \(outcome.errors)")
      }
      try study.checkResume("run", what)
    }
  }

  private static func isCurve(_ point: String) -> Bool {
    point.contains("/curves.") || point.contains("/events.out.tfevents")
  }
}
