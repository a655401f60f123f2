import Foundation

/// Memory whose edges are watched: touching what lies beyond a tensor ends the process.
///
/// Each allocation stands alone. Under the address sanitizer `heap` finds what strays at either end; without
/// it the two others do, by a page that may not be touched. Not thread-safe.
package final class EdgeMemory {
  package enum Placement: String, CaseIterable, Codable, Sendable {
    /// Where `malloc` puts it.
    case heap
    /// The last value ends where a forbidden page begins.
    case endsAtGuard
    /// The first value begins where a forbidden page ends.
    case beginsAtGuard
  }

  private let placement: Placement
  private var release: [() -> Void] = []

  private init(_ placement: Placement) { self.placement = placement }

  /// Lends memory to `body`; all of it is freed afterwards, and no earlier.
  package static func with<Result>(_ placement: Placement, _ body: (EdgeMemory) throws -> Result) rethrows
    -> Result
  {
    let memory = EdgeMemory(placement)
    defer { for action in memory.release { action() } }
    return try body(memory)
  }

  /// A copy of the values, which must be plain ones: nothing is released with them.
  package func place<Value>(_ values: [Value]) -> UnsafeMutablePointer<Value> {
    let start = allocate(values.count * MemoryLayout<Value>.stride)
      .bindMemory(to: Value.self, capacity: values.count)
    start.initialize(from: values, count: values.count)
    return start
  }

  /// `count` values that no kernel may leave standing or read: NaN.
  package func unset(_ count: Int) -> UnsafeMutablePointer<Float> {
    place([Float](repeating: .nan, count: count))
  }

  /// `count` zeros.
  package func sums(_ count: Int) -> UnsafeMutablePointer<Double> {
    place([Double](repeating: 0, count: count))
  }

  private func allocate(_ bytes: Int) -> UnsafeMutableRawPointer {
    if placement == .heap {
      let start = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 64)
      release.append { start.deallocate() }
      return start
    }
    let page = Int(sysconf(Int32(_SC_PAGESIZE)))
    let inner = (bytes + page - 1) / page * page
    // A forbidden page on both sides; only the one that the placement names is reached exactly.
    guard
      let whole = mmap(
        nil, inner + 2 * page, PROT_NONE, Int32(MAP_PRIVATE | MAP_ANONYMOUS), -1, 0), whole != MAP_FAILED,
      mprotect(whole + page, inner, PROT_READ | PROT_WRITE) == 0
    else { preconditionFailure("no memory for a test") }
    release.append { munmap(whole, inner + 2 * page) }
    return whole + page + (placement == .endsAtGuard ? inner - bytes : 0)
  }
}
