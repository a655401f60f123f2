import Foundation
import Foundations

extension RunJournal {
  /// The rounds that a journal holds, in order; a last line that is torn is left out. Throws `FileError`.
  package static func rounds(at path: String) throws -> [RoundRecord] { rounds(in: try content(path)) }

  /// The last line of a run that came to its end or was stopped; nil for any other. Throws `FileError`.
  package static func end(at path: String) throws -> JournalEnd? { end(in: try content(path)) }

  /// The first line, from 1, that was changed, or that is not where it was written; nil where all are. Throws `FileError`.
  package static func firstBrokenLine(at path: String) throws -> Int? {
    JournalChain.firstBroken(in: try content(path))
  }

  /// What a journal tells of its run to repeat it. Throws `FileError`.
  package static func replay(at path: String) throws -> Replay {
    let data = try content(path)
    let rounds = rounds(in: data)
    var attendance: [Int: Attendance] = [:]
    // Of a round that was repeated the last holds.
    for line in data.split(separator: UInt8(ascii: "\n")) {
      guard let entry = try? JSONDecoder().decode(JournalAttendance.self, from: Data(line)),
        entry.entry == "attendance"
      else { continue }
      attendance[entry.round] = entry.attendance
    }
    return Replay(
      rounds: rounds.count, attendance: attendance, modelDigests: rounds.map(\.modelDigest))
  }

  /// A journal's first line. Throws `FileError.unreadable`.
  package static func header(at path: String) throws -> JournalHeader {
    guard let line = try content(path).split(separator: UInt8(ascii: "\n")).first,
      let header = try? JSONDecoder().decode(JournalHeader.self, from: Data(line))
    else { throw FileError.unreadable(path: path, reason: "its first line is none of a journal") }
    return header
  }

  static func content(_ path: String) throws -> Data {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw FileError.unreadable(path: path, reason: "not a readable file")
    }
    return data
  }

  static func rounds(in data: Data) -> [RoundRecord] {
    let decoder = JSONDecoder()
    return data.split(separator: UInt8(ascii: "\n")).compactMap { line in
      guard let round = try? decoder.decode(JournalRound.self, from: Data(line)), round.entry == "round"
      else {
        return nil
      }
      return round.record
    }
  }

  static func end(in data: Data) -> JournalEnd? {
    guard let line = data.split(separator: UInt8(ascii: "\n")).last,
      let end = try? JSONDecoder().decode(JournalEnd.self, from: Data(line)), end.entry == "end"
    else { return nil }
    return end
  }
}

extension JournalRound {
  fileprivate var record: RoundRecord {
    RoundRecord(
      round: round,
      sites: sites.map { site in
        SiteRound(
          site: site.site, cases: site.cases, steps: site.steps, meanLoss: site.loss, seconds: site.seconds,
          validation: site.validation, bytesDown: site.bytesDown, bytesUp: site.bytesUp,
          tensorsDown: site.tensorBytesDown, tensorsUp: site.tensorBytesUp)
      }, leftOut: leftOut ?? [], scoresElsewhere: scoresElsewhere ?? [], unscored: unscored ?? [],
      verdicts: verdicts ?? [], modelDigest: modelDigest ?? "")
  }
}
