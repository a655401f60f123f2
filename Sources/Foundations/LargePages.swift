#if canImport(Glibc)
  import Glibc
#endif

extension UnsafeMutableBufferPointer {
  /// Asks the kernel to back this memory with large pages, before it is first written: fresh pages of 4 KiB cost
  /// several times more than what is then written to them.
  ///
  /// Only a wish: where it is not granted, or the block is small, nothing changes.
  package func preferLargePages() { UnsafeMutableRawBufferPointer(self).preferLargePages() }
}

extension UnsafeMutableRawBufferPointer {
  /// As for a buffer of elements.
  package func preferLargePages() {
    #if canImport(Glibc)
      let (page, large) = (4096, 2 << 20)
      guard let baseAddress, count >= 2 * large else { return }
      let skipped = (page - Int(bitPattern: baseAddress) % page) % page
      madvise(baseAddress + skipped, count - skipped, Int32(MADV_HUGEPAGE))
    #endif
  }
}
