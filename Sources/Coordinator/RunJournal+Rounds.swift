import Foundation
import Foundations

extension RunJournal {
  /// The rounds that a journal holds, in order; a last line that is torn is left out. Throws `FileError`.
  package static func rounds(at path: String) throws -> [RoundRecord] {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw FileError.unreadable(path: path, reason: "not a readable file")
    }
    let decoder = JSONDecoder()
    return data.split(separator: UInt8(ascii: "\n")).compactMap { line in
      guard let round = try? decoder.decode(JournalRound.self, from: Data(line)), round.entry == "round"
      else {
        return nil
      }
      return round.record
    }
  }
}

extension JournalRound {
  fileprivate var record: RoundRecord {
    RoundRecord(
      round: round,
      sites: sites.map { site in
        SiteRound(
          site: site.site, cases: site.cases, steps: site.steps, meanLoss: site.loss, seconds: site.seconds,
          validation: site.validation, bytesDown: site.bytesDown, bytesUp: site.bytesUp)
      }, validation: ScoreSummary(sites.compactMap(\.validation)))
  }
}
