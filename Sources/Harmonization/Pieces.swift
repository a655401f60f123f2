import Foundations

/// Work on long arrays in pieces of one length, whatever the number of threads.
struct Pieces {
  private static let length = 1 << 16

  /// Elements of the array.
  private let elements: Int

  init(of elements: Int) { self.elements = elements }

  var count: Int { (elements + Self.length - 1) / Self.length }

  /// The elements of a piece.
  subscript(piece: Int) -> Range<Int> {
    piece * Self.length..<min(elements, (piece + 1) * Self.length)
  }

  /// The sums that `term` gives for each piece, added in their order.
  func sum(_ loop: ParallelLoop, _ term: (Range<Int>) -> Double) -> Double {
    [Double](unsafeUninitializedCapacity: count) { sums, initialized in
      loop.forEach(count) { piece, _ in sums.initializeElement(at: piece, to: term(self[piece])) }
      initialized = count
    }
    .reduce(0, +)
  }
}
