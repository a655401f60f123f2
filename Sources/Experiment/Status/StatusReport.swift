import Foundation
import Foundations
import Reporting

/// `segfed status`: how far the run in a folder is.
package enum StatusReport {
  /// Throws `FileError`, `StatusError`, `ExperimentError.configurationSchema`.
  package static func execute(_ path: String, console: Console) throws {
    guard FileManager.default.fileExists(atPath: path) else { throw FileError.notFound(path: path) }
    let folder = RunFolder(path: path)
    if let parts = try parts(folder) {
      console.print(console.isJSON ? parts.json(path).rendered() : parts.text(path))
    } else if FileManager.default.fileExists(atPath: folder.configuration) {
      let status = try RunStatus(folder)
      console.print(console.isJSON ? status.json(path).rendered() : status.text(path))
    } else {
      throw StatusError.notARun(path: path)
    }
  }

  /// nil for a single run.
  private static func parts(_ folder: RunFolder) throws -> StudyParts? {
    if let sweep = try StudyParts.sweep(folder.path) { return sweep }
    if FileManager.default.fileExists(atPath: folder.configuration) { return try StudyParts.folds(folder) }
    return try StudyParts.seeds(folder.path)
  }

  /// What is to be done for the rest; nil where nothing is.
  static func advice(_ state: RunStatus.State, needsResume: Bool) -> String? {
    let command = needsResume ? "the command that began it, and --resume" : "the same command"
    return switch state {
    case .goesOn, .finished, .waits: nil
    case .stopped: "Stopped by the user. Go on with \(command)."
    case .killed: "No process works in it: it was killed, or ended in an error. Go on with \(command)."
    }
  }
}

extension RunStatus {
  func text(_ path: String) -> String {
    let early = stoppedEarlyAfter.map { ", stopped early after round \($0)" } ?? ""
    var lines = [
      "\(path): \(state.rawValue), \(done) of \(rounds) rounds\(early)",
      "\(mode), \(strategy), seed \(seed)",
    ]
    if !sites.isEmpty { lines += ["", table, ""] }
    if let dice {
      let best = best.map { ", best \(NumberText.dice($0.dice)) in round \($0.round)" } ?? ""
      lines.append("validation Dice: \(NumberText.dice(dice)), the mean over sites\(best)")
    }
    if travels && done > 0 {
      lines.append(
        "exchanged: \(NumberText.megabytes(bytesDown)) MB to the sites, \(NumberText.megabytes(bytesUp)) MB back"
      )
    }
    if let secondsPerRound {
      let left = secondsLeft.map { ", about \(ProgressLine.clock($0)) left" } ?? ""
      let round =
        secondsPerRound < 10
        ? NumberText.fixed(secondsPerRound, decimals: 1) + " s" : ProgressLine.clock(secondsPerRound)
      lines.append(
        (isTrainingAlone ? "a round's training takes \(round), all sites together" : "a round takes \(round)")
          + left)
    }
    if let advice = StatusReport.advice(state, needsResume: true) { lines.append(advice) }
    return lines.joined(separator: "\n") + "\n"
  }

  private var table: String {
    var table = TextTable(
      columns: [.text("site"), .number("round"), .number("loss"), .number("val Dice")]
        + (travels ? [.number("MB down"), .number("MB up")] : []))
    for site in sites {
      table.add(
        [
          site.name, "\(site.round)", NumberText.fixed(site.loss, decimals: 4), NumberText.dice(site.dice),
        ] + (travels ? [NumberText.megabytes(site.bytesDown), NumberText.megabytes(site.bytesUp)] : []))
    }
    return String(table.rendered().dropLast())
  }

  func json(_ path: String) -> JSONValue {
    .object([("schema_version", .integer(1)), ("path", .string(path))] + members)
  }

  var members: [(String, JSONValue)] {
    [
      ("state", .string(state.rawValue)), ("mode", .string(mode)), ("strategy", .string(strategy)),
      ("seed", .integer(Int(clamping: seed))), ("rounds_done", .integer(done)),
      ("rounds", .integer(rounds)),
      ("stopped_early_after", stoppedEarlyAfter.map { .integer($0) } ?? .null),
      ("loss", .number(loss)), ("validation_dice", .number(dice)),
      ("best_round", best.map { .integer($0.round) } ?? .null),
      ("best_validation_dice", .number(best?.dice)),
      ("bytes_down", travels ? .integer(bytesDown) : .null),
      ("bytes_up", travels ? .integer(bytesUp) : .null),
      ("seconds_per_round", .number(secondsPerRound)), ("seconds_left", .number(secondsLeft)),
      (
        "sites",
        .object(
          sites.map { site in
            (
              site.name,
              .object([
                ("round", .integer(site.round)), ("loss", .number(site.loss as Double)),
                ("validation_dice", .number(site.dice)), ("bytes_down", .integer(site.bytesDown)),
                ("bytes_up", .integer(site.bytesUp)),
              ])
            )
          })
      ),
      ("resume", .string(StatusReport.advice(state, needsResume: true))),
    ]
  }
}

extension StudyParts {
  func text(_ path: String) -> String {
    var table = TextTable(
      columns: [
        .text(String(kind.dropLast())), .text("state"), .number("rounds"), .number("loss"),
        .number("val Dice"), .number("MB"),
      ])
    for part in parts {
      let status = part.status
      table.add(
        [
          part.name, part.failure == nil ? part.state.rawValue : "failed", rounds(part),
          NumberText.fixed(status?.loss, decimals: 4), NumberText.dice(status?.dice),
          status.map { $0.travels ? NumberText.megabytes($0.bytesDown + $0.bytesUp) : NumberText.missing }
            ?? NumberText.missing,
        ], note: note(part))
    }
    var text = "\(path): \(state.rawValue), \(whole) of \(parts.count) \(kind)\n\n" + table.rendered()
    let left = parts.compactMap { $0.state == .goesOn ? $0.status?.secondsLeft : nil }.first
    if let left { text += "\nabout \(ProgressLine.clock(left)) left for the one that is going on\n" }
    if let advice = StatusReport.advice(state, needsResume: needsResume) { text += "\n\(advice)\n" }
    return text
  }

  private func rounds(_ part: Part) -> String {
    if let inner = part.inner { return "\(inner.whole) of \(inner.all) folds" }
    return part.status.map { "\($0.done) of \($0.rounds)" } ?? NumberText.missing
  }

  private func note(_ part: Part) -> String {
    part.failure ?? part.testDice.map { "Dice \(NumberText.dice($0))" } ?? ""
  }

  func json(_ path: String) -> JSONValue {
    .object([
      ("schema_version", .integer(1)), ("path", .string(path)), ("state", .string(state.rawValue)),
      ("kind", .string(kind)), ("whole", .integer(whole)),
      (
        "parts",
        .array(
          parts.map { part in
            let status: JSONValue = part.status.map { .object($0.members) } ?? .null
            return .object([
              ("name", .string(part.name)), ("state", .string(part.state.rawValue)),
              ("failure", .string(part.failure)), ("test_dice", .number(part.testDice)),
              ("whole_folds", part.inner.map { .integer($0.whole) } ?? .null),
              ("folds", part.inner.map { .integer($0.all) } ?? .null), ("run", status),
            ])
          })
      ), ("resume", .string(StatusReport.advice(state, needsResume: needsResume))),
    ])
  }
}
