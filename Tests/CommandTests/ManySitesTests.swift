import Foundation
import TestSupport
import Testing

/// What a run of more sites than fit a screen prints.
struct ManySitesTests {
  private let folder: TemporaryFolder

  /// Sites of the same three cases each.
  private func data(sites: Int) throws -> String {
    let birch = try TinySites.shared.get().data + "/birch"
    let path = try folder.folder("data")
    for number in 1...sites {
      try FileManager.default.copyItem(atPath: birch, toPath: "\(path)/site-\(number)")
    }
    return path
  }

  init() throws { folder = try TemporaryFolder() }

  private func train(sites: Int, rounds: Int, _ more: String...) throws -> SegfedProcess.Outcome {
    let outcome = try SegfedProcess(
      [
        "train", "--data", data(sites: sites), "--output", folder.file("run"), "--plan",
        TinySites.shared.get().plan, "--threads", "2", "--rounds", "\(rounds)", "--allow-duplicates",
      ] + more
    ).wait(seconds: 120)
    #expect(outcome.code == 0, "\(outcome.errors)")
    return outcome
  }

  private func roundLines(sites: Int) throws -> [String] {
    let outcome = try train(sites: sites, rounds: 2)
    let lines = (outcome.output + "\n" + outcome.errors).split(whereSeparator: \.isNewline).map(String.init)
    return lines.filter { $0.wholeMatch(of: /\s+[12]  (all \d+|site-\d+) +\d+ .*/) != nil }
  }

  @Test func fewSitesHaveALineEach() throws {
    #expect(try roundLines(sites: 3).count == 6)
  }

  @Test func manySitesHaveTheirMeanAndTheWorst() throws {
    let lines = try roundLines(sites: 13)
    #expect(lines.count == 4, "\(lines)")
    for round in 0..<min(2, lines.count / 2) {
      #expect(lines[2 * round].firstMatch(of: #/all 13 +13\s/#) != nil, "\(lines)")
      #expect(lines[2 * round + 1].contains("site-"), "\(lines)")
    }
  }

  /// A site that fails in every round is told of once; the run's end says how often.
  @Test func absenceIsToldOnce() throws {
    let outcome = try train(sites: 13, rounds: 3, "--attack", "absent:sites=2")
    #expect(outcome.errors.matches(of: /left out of round 1:/).count == 2, "\(outcome.errors)")
    #expect(!outcome.errors.contains("left out of round 2:"))
    #expect(outcome.output.matches(of: /was left out of 3 of 3 rounds/).count == 2, "\(outcome.output)")
  }
}
