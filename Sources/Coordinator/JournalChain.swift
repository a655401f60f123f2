import Foundation
import Foundations

/// How a journal's lines hold on to each other: each starts with the SHA-256 of the line before's digest and of the rest of itself.
struct JournalChain {
  /// Of this line, in hexadecimal.
  let digest: String
  /// The line's JSON without it.
  private let rest: Data

  private static let opening = Data("{\"chain\":\"".utf8)
  private static let closing = Data("\",".utf8)

  /// A line with its end, made of an entry's JSON.
  static func line(_ entry: Data, behind previous: String) -> Data {
    opening + Data(digest(entry, behind: previous).utf8) + closing + entry.dropFirst() + Data("\n".utf8)
  }

  /// Takes a line without its end apart; nil for anything that does not start as a line does.
  init?(_ line: Data) {
    let (start, length) = (Self.opening.count, 64)
    guard line.count > start + length + Self.closing.count, line.starts(with: Self.opening) else {
      return nil
    }
    let digest = line.dropFirst(start).prefix(length)
    let behind = line.dropFirst(start + length)
    guard behind.starts(with: Self.closing) else { return nil }
    self.digest = String(decoding: digest, as: UTF8.self)
    rest = Data("{".utf8) + behind.dropFirst(Self.closing.count)
  }

  func follows(_ previous: String) -> Bool { digest == Self.digest(rest, behind: previous) }

  private static func digest(_ entry: Data, behind previous: String) -> String {
    Digest.sha256Hex(Data(previous.utf8) + entry)
  }

  /// The first line, from 1, that does not follow from the one before it; nil where all do. A last line without its end counts.
  static func firstBroken(in journal: Data) -> Int? {
    var previous = ""
    var lines = journal.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    if lines.last?.isEmpty == true { lines.removeLast() } else { return lines.count }
    for (index, line) in lines.enumerated() {
      guard let chain = JournalChain(Data(line)), chain.follows(previous) else { return index + 1 }
      previous = chain.digest
    }
    return nil
  }
}
