#if canImport(Glibc)
  import Glibc
#endif

/// A block of Float32 memory on a 64-byte boundary, filled with zeros.
///
/// The one place where tensors get memory. `@unchecked Sendable`: the buffer is only storage; whoever
/// writes through `pointer` makes sure that no other thread touches the same elements (`ParallelLoop`).
package final class FloatBuffer: @unchecked Sendable {
  package let count: Int
  package let pointer: UnsafeMutablePointer<Float>

  package init(count: Int) {
    precondition(count >= 0, "a buffer's size cannot be negative")
    self.count = count
    let bytes = max(64, count * MemoryLayout<Float>.stride)
    let isLarge = bytes >= 4 * Self.hugePage
    let raw = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: isLarge ? Self.hugePage : 64)
    if isLarge { Self.askForHugePages(raw, bytes: bytes) }
    pointer = raw.bindMemory(to: Float.self, capacity: max(1, count))
    pointer.initialize(repeating: 0, count: max(1, count))
  }

  package convenience init(_ values: [Float]) {
    self.init(count: values.count)
    fill(from: values)
  }

  private static let hugePage = 2 << 20

  /// A tile of a large tensor touches a page of 4 KB for every line: its addresses alone would cost more
  /// than its arithmetic. Only a wish: without it everything works, slower.
  private static func askForHugePages(_ base: UnsafeMutableRawPointer, bytes: Int) {
    #if os(Linux)
      _ = madvise(base, bytes / hugePage * hugePage, MADV_HUGEPAGE)
    #endif
  }

  deinit { UnsafeMutableRawPointer(pointer).deallocate() }

  /// The same memory as half as many double-precision values.
  package var doubles: UnsafeMutablePointer<Double> {
    UnsafeMutableRawPointer(pointer).assumingMemoryBound(to: Double.self)
  }

  /// The values as an array.
  package var values: [Float] { Array(UnsafeBufferPointer(start: pointer, count: count)) }

  /// Copies `values`, which must be as many as the buffer holds.
  package func fill(from values: [Float]) {
    precondition(values.count == count, "the buffer holds another number of values")
    values.withUnsafeBufferPointer { source in
      if let base = source.baseAddress { pointer.update(from: base, count: count) }
    }
  }

  /// Sets every value.
  package func fill(with value: Float) {
    pointer.update(repeating: value, count: count)
  }
}
