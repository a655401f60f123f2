/// One allocation that holds every activation, gradient and scratch buffer of a compiled network.
///
/// Places are reserved first and get their addresses when the arena is built, so that a training
/// step allocates nothing.
package struct ArenaPlan {
  /// A place reserved in the arena: `count` values from `offset`.
  package struct Place: Sendable, Equatable {
    package let offset: Int
    package let count: Int

    /// No values: what a network compiled for inference has instead of gradients.
    package static let none = Place(offset: 0, count: 0)
  }

  /// Values reserved so far.
  package private(set) var count = 0

  package init() {}

  /// Reserves `count` values on a 64-byte boundary.
  package mutating func reserve(_ count: Int) -> Place {
    let place = Place(offset: self.count, count: count)
    self.count += (count + 15) / 16 * 16
    return place
  }

  /// Bytes of the whole arena.
  package var bytes: Int { count * MemoryLayout<Float>.stride }
}
