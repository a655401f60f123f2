import CNIfTI
import Foundation
import Foundations

/// Inflated bytes in memory, which go with it.
final class InflatedBytes {
  let bytes: UnsafeMutableRawBufferPointer
  private let block: UnsafeMutableRawBufferPointer
  private let isMapped: Bool

  /// `count` bytes, not yet set, of which number `aligned` lies at a multiple of 64; nil where there is no
  /// memory for them.
  init?(count: Int, aligned: Int) {
    let shift = 63 - (aligned + 63) % 64
    // Large blocks come from the kernel and go back to it: the heap would keep them, or break them up.
    isMapped = count >= 1 << 20
    if isMapped {
      let start = mmap(nil, shift + count, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
      guard let start, start != MAP_FAILED else { return nil }
      block = UnsafeMutableRawBufferPointer(start: start, count: shift + count)
      block.preferLargePages()
    } else {
      block = .allocate(byteCount: shift + count, alignment: 64)
    }
    bytes = UnsafeMutableRawBufferPointer(rebasing: block[shift...])
  }

  deinit { if isMapped { munmap(block.baseAddress, block.count) } else { block.deallocate() } }
}

extension InflatingFile {
  /// The file as it lies on disk, up to the size it had when it was opened; fewer bytes if it was cut since.
  ///
  /// Throws `FileError.unreadable`.
  func storedBytes() throws -> [UInt8] {
    try [UInt8](unsafeUninitializedCapacity: diskBytes) { target, done in
      while done < diskBytes {
        let got = pread(descriptor, target.baseAddress! + done, diskBytes - done, off_t(done))
        if got < 0 { throw FileError.unreadable(path: path, reason: String(cString: strerror(errno))) }
        if got == 0 { break }
        done += got
      }
    }
  }

  /// The `count` bytes of a gzip file that is one member of exactly that many; number `aligned` of them lies
  /// at a multiple of 64. Nil for every other file: `read` takes those apart and tells what is wrong.
  ///
  /// libdeflate inflates about twice as fast as zlib, but wants all of a member in memory. Nothing of the
  /// size `count` is taken before the member's own record of its length agrees.
  func inflatedWhole(count: Int, aligned: Int) throws -> InflatedBytes? {
    // Beyond this, compression gained nothing, and the two together would pass the ceiling that held `count`.
    guard isGzip, diskBytes <= count, Self.mayBeMember(of: count, diskBytes, descriptor) else { return nil }
    let stored = try storedBytes()
    guard let decompressor = libdeflate_alloc_decompressor() else { return nil }
    defer { libdeflate_free_decompressor(decompressor) }
    guard let inflated = InflatedBytes(count: count, aligned: aligned) else { return nil }
    var (taken, given) = (0, 0)
    let result = libdeflate_gzip_decompress_ex(
      decompressor, stored, stored.count, inflated.bytes.baseAddress, count, &taken, &given)
    return result == LIBDEFLATE_SUCCESS && taken == stored.count && given == count ? inflated : nil
  }

  /// Whether the last four bytes say `count` (RFC 1952, ISIZE), and the header has no checksum of its own,
  /// which libdeflate would not verify.
  private static func mayBeMember(of count: Int, _ diskBytes: Int, _ descriptor: Int32) -> Bool {
    var flags: UInt8 = 0
    var size: UInt32 = 0
    guard diskBytes >= 18, pread(descriptor, &flags, 1, 3) == 1,
      pread(descriptor, &size, 4, off_t(diskBytes - 4)) == 4
    else { return false }
    return flags & 0x02 == 0 && UInt32(littleEndian: size) == UInt32(truncatingIfNeeded: count)
  }
}
