import Foundation
import Foundations

/// How far a journal had come: its first bytes and their digest.
struct JournalPosition: Codable, Equatable {
  let bytes: Int
  let sha256: String
}

extension RunJournal {
  /// The position behind all lines. Throws `FileError.unreadable`.
  func position() throws -> JournalPosition {
    let data = try Self.content(path)
    return JournalPosition(bytes: data.count, sha256: Digest.sha256Hex(data))
  }

  /// The rounds before a position; nil if the journal's first bytes are not those of then.
  func rounds(upTo position: JournalPosition) throws -> [RoundRecord]? {
    let data = try Self.content(path)
    guard position.bytes >= 0, position.bytes <= data.count else { return nil }
    let first = data.prefix(position.bytes)
    return Digest.sha256Hex(first) == position.sha256 ? Self.rounds(in: first) : nil
  }

  /// The last line, if it stands right behind a position and says that the run came to its end.
  func end(behind position: JournalPosition) throws -> JournalEnd? {
    let rest = try Self.content(path).dropFirst(position.bytes)
    let end = Self.end(in: rest)
    return rest.last == UInt8(ascii: "\n") && end?.interruptedAfterRound == nil ? end : nil
  }

  /// The position behind the first line. Throws `FileError`.
  func headerPosition() throws -> JournalPosition {
    let data = try Self.content(path)
    let header = data.prefix(data.firstIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? data.count)
    return JournalPosition(bytes: header.count, sha256: Digest.sha256Hex(header))
  }

  /// Takes away what was written behind a position, but who is in `round`, the one that comes next: returns that, if it was
  /// written down. Throws `FileError`.
  func cut(to position: JournalPosition, round: Int) throws -> Attendance? {
    let data = try Self.content(path)
    var end = position.bytes
    var attendance: Attendance?
    let lines = data.prefix(end).split(separator: UInt8(ascii: "\n"))
    var previous = lines.last.flatMap { JournalChain(Data($0)) }
    // The last one holds: a site that was lost when the round was repeated has made for another.
    while let newline = data[end...].firstIndex(of: UInt8(ascii: "\n")) {
      guard let chain = JournalChain(Data(data[end..<newline])), let before = previous,
        chain.follows(before.digest),
        let entry = try? JSONDecoder().decode(JournalAttendance.self, from: data[end..<newline]),
        entry.entry == "attendance", entry.round == round
      else { break }
      previous = chain
      attendance = entry.attendance
      end = newline + 1
    }
    if data.count > end { try DurableFile.truncate(path, to: end) }
    return attendance
  }
}
