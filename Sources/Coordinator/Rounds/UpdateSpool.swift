import Foundation
import Foundations

/// A round's updates on disk, in the order of their sites: a round takes memory for one of them, however many sites there are.
///
/// They are the coordinator's scratch: removed when the round is over, made anew when it is repeated.
package struct UpdateSpool: Sendable {
  private let folder: String
  /// Elements of each.
  package let size: Int

  /// `folder` is made when the first is put down, and is emptied of what an earlier round left.
  package init(folder: String, size: Int) {
    self.folder = folder
    self.size = size
  }

  /// Puts one down; `kind` tells what a site sends beside its update from that. Throws `FileError.notWritable`.
  package func put(_ values: [Float], site: Int, kind: Kind = .update) throws {
    precondition(values.count == size, "an update of \(values.count) values for \(size)")
    try Folder.make(folder)
    // Not synced: a run that dies repeats the round.
    do {
      try FloatBytes.data(values).write(to: URL(fileURLWithPath: path(site, kind)))
    } catch {
      throw FileError.notWritable(path: path(site, kind), reason: (error as NSError).localizedDescription)
    }
  }

  /// One site's whole update. Throws `FileError.unreadable`.
  package func update(_ site: Int) throws -> [Float] { try values(site, .update) }

  func values(_ site: Int, _ kind: Kind) throws -> [Float] {
    let path = path(site, kind)
    guard let data = FileManager.default.contents(atPath: path), data.count == 4 * size else {
      throw FileError.unreadable(path: path, reason: "not the \(size) numbers that were put down there")
    }
    return FloatBytes.floats(data)
  }

  /// The elements `range` of several sites' updates, a row for each. Throws `FileError.unreadable`.
  package func block(_ range: Range<Int>, of sites: [Int]) throws -> [[Float]] {
    try sites.map { site in
      let path = path(site, .update)
      guard let file = FileHandle(forReadingAtPath: path) else {
        throw FileError.unreadable(path: path, reason: "it is gone")
      }
      defer { try? file.close() }
      do {
        try file.seek(toOffset: UInt64(4 * range.lowerBound))
        if let data = try file.read(upToCount: 4 * range.count), data.count == 4 * range.count {
          return FloatBytes.floats(data)
        }
      } catch {
        throw FileError.unreadable(path: path, reason: (error as NSError).localizedDescription)
      }
      throw FileError.unreadable(path: path, reason: "it is cut off")
    }
  }

  /// The most elements that a block holds.
  package static let blockSize = 1 << 16

  package func remove() { try? FileManager.default.removeItem(atPath: folder) }

  package enum Kind: String {
    case update, control
  }

  private func path(_ site: Int, _ kind: Kind) -> String { "\(folder)/\(site)-\(kind.rawValue).f32" }
}
