import Foundation

/// A fault made on purpose, to see that it is noticed.
enum PlantedFault: String, CaseIterable {
  /// Reads one byte behind a block: the sanitizer or valgrind ends the process.
  case overrun
  /// Decides by bytes that were never set: valgrind's to notice.
  case unset
  /// Asks the heap for more than the ceiling.
  case heap
  /// Asks the kernel for more than the ceiling.
  case mapping
  /// Throws an error that describes nothing.
  case silence
  /// Never comes back.
  case hang

  private struct Undescribed: Error {}

  func happen() throws {
    switch self {
    case .overrun: if Self.byte(set: true, reading: 64) == 77 { throw Undescribed() }
    case .unset: if Self.byte(set: false, reading: 0) > 77 { throw Undescribed() }
    case .heap: try Data(count: 8 << 20).write(to: URL(fileURLWithPath: "/dev/null"))
    case .mapping:
      let block = mmap(nil, 8 << 20, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
      munmap(block, 8 << 20)
    case .silence: throw Undescribed()
    case .hang: while true { sleep(60) }
    }
  }

  /// One byte of a block of 64, by an index that the compiler cannot foresee.
  private static func byte(set: Bool, reading index: Int) -> UInt8 {
    let block = UnsafeMutableRawBufferPointer.allocate(byteCount: 64, alignment: 16)
    defer { block.deallocate() }
    if set { memset(block.baseAddress!, 1, 64) }
    return block.baseAddress!.load(fromByteOffset: index + Int(getpid() >> 31), as: UInt8.self)
  }
}
