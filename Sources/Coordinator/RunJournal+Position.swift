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

  /// Takes away what was written behind a position. Throws `FileError`.
  func truncate(to position: JournalPosition) throws {
    if try Self.content(path).count > position.bytes { try DurableFile.truncate(path, to: position.bytes) }
  }

  /// Takes away all but the first line. Throws `FileError`.
  func truncateToHeader() throws {
    guard let end = try Self.content(path).firstIndex(of: UInt8(ascii: "\n")) else { return }
    try truncate(to: JournalPosition(bytes: end + 1, sha256: ""))
  }
}
