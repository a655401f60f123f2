import Foundation

/// Elements that do not change once made: memory of its own, or a part of a mapped file (`MappedFile`), read through one door.
///
/// Copies share the elements.
///
/// Unchecked: the memory is written before `init` returns and only read from then on; `owner` keeps it.
package struct FixedArray<Element: BitwiseCopyable & Equatable>: @unchecked Sendable {
  private let elements: UnsafeBufferPointer<Element>
  private let owner: AnyObject?

  package var count: Int { elements.count }

  /// Elements that `body` initialises, all of them.
  package init(count: Int, initializingWith body: (UnsafeMutableBufferPointer<Element>) throws -> Void)
    rethrows
  {
    let memory = OwnMemory(bytes: count * MemoryLayout<Element>.stride)
    let buffer = UnsafeMutableBufferPointer(
      start: memory.pointer.bindMemory(to: Element.self, capacity: count), count: count)
    try body(buffer)
    elements = UnsafeBufferPointer(buffer)
    owner = memory
  }

  package init(_ array: [Element]) {
    self.init(count: array.count) { buffer in _ = buffer.initialize(from: array) }
  }

  /// `count` elements of a mapped file from `offset` bytes on, which must lie in it and be aligned.
  package init(_ file: MappedFile, offset: Int, count: Int) {
    let bytes = UnsafeRawBufferPointer(
      rebasing: file.bytes[offset..<offset + count * MemoryLayout<Element>.stride])
    elements = bytes.bindMemory(to: Element.self)
    owner = file
  }

  package subscript(index: Int) -> Element {
    precondition(elements.indices.contains(index), "index \(index) of \(count) elements")
    return withExtendedLifetime(owner) { elements[index] }
  }

  /// The one door to the memory; the pointer is not to leave `body`.
  package func withUnsafeBufferPointer<Result>(
    _ body: (UnsafeBufferPointer<Element>) throws -> Result
  ) rethrows -> Result {
    try withExtendedLifetime(owner) { try body(elements) }
  }

  package var array: [Element] { withUnsafeBufferPointer { Array($0) } }
}

extension FixedArray: Equatable {
  package static func == (one: Self, other: Self) -> Bool {
    one.withUnsafeBufferPointer { a in other.withUnsafeBufferPointer { b in a.elementsEqual(b) } }
  }
}

/// Memory that is freed with its last owner, aligned to a cache line.
private final class OwnMemory {
  let pointer: UnsafeMutableRawPointer

  init(bytes: Int) {
    pointer = .allocate(byteCount: max(bytes, 1), alignment: 64)
    UnsafeMutableRawBufferPointer(start: pointer, count: bytes).preferLargePages()
  }

  deinit { pointer.deallocate() }
}

/// A file's bytes in the address space, read-only: the kernel reads what is touched and may drop it again.
///
/// Unchecked: the mapping is private, read-only and lives as long as the object.
package final class MappedFile: @unchecked Sendable {
  fileprivate let bytes: UnsafeRawBufferPointer

  package var count: Int { bytes.count }

  /// The one door to the bytes; the pointer is not to leave `body`.
  package func withBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
    try withExtendedLifetime(self) { try body(bytes) }
  }

  /// Throws `FileError.notFound` or `.unreadable`.
  package init(_ path: String) throws {
    let descriptor = open(path, O_RDONLY)
    guard descriptor >= 0 else {
      if errno == ENOENT { throw FileError.notFound(path: path) }
      throw FileError.unreadable(path: path, reason: String(cString: strerror(errno)))
    }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else {
      throw FileError.unreadable(path: path, reason: String(cString: strerror(errno)))
    }
    let size = Int(status.st_size)
    if size == 0 {
      bytes = UnsafeRawBufferPointer(start: nil, count: 0)
      return
    }
    guard let address = mmap(nil, size, PROT_READ, MAP_PRIVATE, descriptor, 0), address != MAP_FAILED else {
      throw FileError.unreadable(path: path, reason: String(cString: strerror(errno)))
    }
    bytes = UnsafeRawBufferPointer(start: address, count: size)
  }

  deinit {
    if let address = bytes.baseAddress { munmap(UnsafeMutableRawPointer(mutating: address), bytes.count) }
  }
}
